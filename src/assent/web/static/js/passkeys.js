// Asks the browser for a passkey, and sends what the device answered with the form it stands in.
//
//   data-begin   where the question of this site is had
//   data-asks    "get" to show a passkey, "create" to make one

export function mount(form) {
  const says = form.querySelector(".passkey-says")
  const button = form.querySelector("button")
  if (!window.PublicKeyCredential) {
    button.disabled = true
    says.textContent = "This browser has no passkeys, or this page was not reached over https."
    return
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault()
    button.disabled = true
    says.textContent = "Your device asks for your finger, your face or its number."
    try {
      form.elements.credential.value = JSON.stringify(await ask(form))
      form.submit()
    } catch (error) {
      button.disabled = false
      says.textContent = inWords(error)
    }
  })
}

async function ask(form) {
  const answer = await fetch(form.dataset.begin, {
    method: "POST",
    headers: { "x-csrf": form.elements.csrf.value, accept: "application/json" },
    credentials: "same-origin",
  })
  const said = await answer.json()
  if (!answer.ok) throw new Error(said.error)
  const publicKey = withBytes(said.options)
  const made =
    form.dataset.asks === "create"
      ? await navigator.credentials.create({ publicKey })
      : await navigator.credentials.get({ publicKey })
  return withText(made)
}

function withBytes(options) {
  const known = (keys) => (keys || []).map((key) => ({ ...key, id: bytes(key.id) }))
  const given = { ...options, challenge: bytes(options.challenge) }
  if (options.user) given.user = { ...options.user, id: bytes(options.user.id) }
  if (options.excludeCredentials) given.excludeCredentials = known(options.excludeCredentials)
  if (options.allowCredentials) given.allowCredentials = known(options.allowCredentials)
  return given
}

function withText(credential) {
  const { response } = credential
  const said = { clientDataJSON: text(response.clientDataJSON) }
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) said[name] = text(response[name])
  }
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: said,
  }
}

function bytes(base64url) {
  const plain = atob(base64url.replace(/-/g, "+").replace(/_/g, "/"))
  return Uint8Array.from(plain, (character) => character.charCodeAt(0))
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer))
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "")
}

function inWords(error) {
  if (error.name === "NotAllowedError") return "Nothing came of it: it was stopped, or took too long."
  if (error.name === "InvalidStateError") return "This device has a passkey for this account already."
  return `That did not work: ${error.message}`
}
