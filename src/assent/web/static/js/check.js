// "Check it in my browser": takes a receipt of this page and says what it is worth, in place.
// The verifier is that of the page /verify; nothing of the receipt is sent anywhere.

export function mount(element) {
  const button = document.createElement("button")
  button.type = "button"
  button.className = "button small plain"
  button.textContent = "Check it in my browser"
  const answer = document.createElement("span")
  answer.setAttribute("role", "status")
  element.append(button, " ", answer)
  button.addEventListener("click", async () => {
    button.disabled = true
    answer.className = "busy"
    answer.textContent = "Checking …"
    try {
      show(answer, await checked(element.dataset.receipt))
    } catch (error) {
      answer.className = "verdict bad"
      answer.textContent = `It could not be checked: ${error.message}.`
    }
    button.disabled = false
  })
}

async function checked(path) {
  const [verifier, trust, receipt] = await Promise.all([
    import("../verifier/verify.js"),
    fetched("/verify/trust.json").then((answer) => answer.json()),
    fetched(path).then((answer) => answer.arrayBuffer()),
  ])
  const policy = await verifier.parsePolicy(verifier.bytesOfBase64(trust.policy))
  const options = { at: Math.floor(Date.now() / 1000), maxAge: null }
  const found = await verifier.verifyReceipt(new Uint8Array(receipt), policy, options)
  const [tone, words, advice] = verifier.VERDICTS[found.verdict]
  return { tone, words, verdict: found.verdict, meaning: meaningOf(found, trust, policy, advice) }
}

function meaningOf(found, trust, policy, advice) {
  const said = trust.sentences[found.reason]
  if (!found.verdict.startsWith("valid")) return `${said} ${advice}`.trim()
  const seen =
    policy.quorum === "none"
      ? "This page asks for no witness, so only the platform vouches for it."
      : "Enough independent witnesses have seen the log like this."
  return `${said} ${seen}`
}

async function fetched(path) {
  const answer = await fetch(path)
  if (!answer.ok) throw new Error("it cannot be had at the moment")
  return answer
}

function show(answer, { tone, words, verdict, meaning }) {
  answer.className = `verdict ${tone}`
  answer.dataset.verdict = verdict
  const title = document.createElement("strong")
  title.textContent = words
  answer.replaceChildren(title, meaning)
}
