// Shows in place what a choice would do, before its page is opened. The page says the same without.

const WAIT_MS = 250

export function mount(element) {
  const place = element.querySelector(".ai-foresight")
  if (!place) return
  let turn = 0
  let timer
  const show = async (query) => {
    const mine = (turn += 1)
    const answer = await fetch(`/ai/confirm.json?${query}`, { headers: { accept: "application/json" } })
    const said = await answer.json()
    if (mine !== turn) return
    if (!answer.ok) return place.replaceChildren(paragraph(said.error))
    place.replaceChildren(paragraph(`What “${said.heading}” would do`), listOf(said.foresight.told))
  }
  const ask = (event) => {
    const query = queryOf(element, event.target)
    if (query === null) return
    clearTimeout(timer)
    timer = setTimeout(() => show(query).catch(() => place.replaceChildren()), WAIT_MS)
  }
  element.addEventListener("focusin", ask)
  element.addEventListener("pointerover", ask)
  element.addEventListener("change", () => {
    turn += 1
    place.replaceChildren()
  })
}

/** What a link or a button asks for; null for anything else. */
function queryOf(element, target) {
  const link = target.closest('a[href^="/ai/confirm?"]')
  if (link) return link.getAttribute("href").split("?")[1]
  const button = target.closest('button[name="verb"]')
  if (!button || element.tagName !== "FORM") return null
  const form = new FormData(element)
  form.set("verb", button.value)
  return form.has("use") ? new URLSearchParams(form).toString() : null
}

function paragraph(text) {
  const made = document.createElement("p")
  made.textContent = `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`
  return made
}

function listOf(told) {
  const list = document.createElement("ul")
  list.className = "ai-told"
  for (const { tone, text } of told) {
    const item = document.createElement("li")
    item.className = tone
    const mark = document.createElement("span")
    mark.ariaHidden = "true"
    mark.textContent = { yes: "+", no: "−", ask: "?", same: "=" }[tone] ?? ""
    item.append(mark, ` ${text}`)
    list.append(item)
  }
  return list
}
