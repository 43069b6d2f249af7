// Files arrive while the form is filled in: each by itself, in parts, with its progress. A lost
// connection is waited out; a page that was loaded anew goes on where a file stopped, once the same
// file is chosen again. Source: tus resumable upload protocol 1.0.0.

const PART = 8 << 20
const WAITS = [0.5, 1, 2, 4, 8, 15, 30]
const TUS = { "Tus-Resumable": "1.0.0" }

const sleep = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000))
const csrf = () => document.querySelector('meta[name="csrf"]').content
const inBase64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)))
const keyOf = (file) => `upload:${file.name}:${file.size}:${file.lastModified}`
const megabytes = (bytes) => (bytes / 1048576).toFixed(1)

class Refused extends Error {}

async function told(answer) {
  try {
    return (await answer.json()).error
  } catch {
    return `the answer was ${answer.status}`
  }
}

// Whether nothing that is said of a file could help, so that it can only be dropped.
async function isBroken(upload) {
  const answer = await fetch("/studio/upload.json").catch(() => undefined)
  const page = answer?.ok ? await answer.json() : { under_way: [] }
  return page.under_way.some((it) => it.id === upload && it.state === "broken")
}

// One file on its way.
class Sending {
  constructor(file, list, changed) {
    this.file = file
    this.changed = changed
    this.paused = false
    this.dropped = false
    this.item = document.createElement("li")
    this.name = document.createElement("bdi")
    this.name.textContent = file.name
    this.state = document.createElement("p")
    this.bar = document.createElement("progress")
    this.bar.max = file.size || 1
    this.bar.value = 0
    this.bar.setAttribute("aria-label", `How much of ${file.name} is here`)
    this.buttons = document.createElement("p")
    this.buttons.className = "row"
    this.pause = this.button("Pause", () => this.toggle())
    this.drop = this.button("Drop", () => this.end())
    const strong = document.createElement("strong")
    strong.append(this.name)
    this.item.append(strong, this.bar, this.state, this.buttons)
    list.append(this.item)
    list.hidden = false
    this.arrived = this.run()
  }

  // One that was here whole before this page was: what the page says of it goes on as if it were new.
  static here(input) {
    const one = Object.create(Sending.prototype)
    one.item = input.closest("li")
    one.state = one.item.querySelector("[data-state]")
    one.buttons = one.item.querySelector(".row")
    one.whole = true
    one.arrived = Promise.resolve(input.value)
    input.remove()
    return one
  }

  button(words, act) {
    const made = document.createElement("button")
    made.type = "button"
    made.className = "button quiet small"
    made.textContent = words
    made.setAttribute("aria-label", `${words} ${this.file.name}`)
    made.addEventListener("click", act)
    this.buttons.append(made)
    return made
  }

  say(words, kind = "") {
    this.state.textContent = words
    this.state.className = kind
  }

  toggle() {
    this.paused = !this.paused
    this.pause.textContent = this.paused ? "Go on" : "Pause"
    this.pause.setAttribute("aria-label", `${this.pause.textContent} ${this.file.name}`)
    if (this.paused) this.abort?.abort()
  }

  async end() {
    this.dropped = true
    this.abort?.abort()
    await this.begun.catch(() => {}) // what was asked for may be there by now
    if (this.address) {
      await fetch(this.address, { method: "DELETE", headers: { ...TUS, "X-CSRF": csrf() } }).catch(() => {})
    }
    localStorage.removeItem(keyOf(this.file))
    this.item.remove()
    this.changed()
  }

  // Resolves to the upload's id once all of it is here; to nothing if it was dropped or refused.
  async run() {
    try {
      this.begun = this.begin()
      await this.begun
      await this.send()
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      this.say(`${error.message[0].toUpperCase()}${error.message.slice(1)}.`, "wrong")
      this.pause.remove()
      this.refused = true
      this.changed()
      return undefined
    }
    if (this.dropped) return undefined
    this.pause.remove()
    this.say("It is here whole.")
    this.whole = true
    this.changed()
    return this.address.split("/").pop()
  }

  async begin() {
    const known = localStorage.getItem(keyOf(this.file))
    if (known) {
      this.address = known
      if ((await this.offset()) !== undefined) return
    }
    const answer = await this.ask("/uploads", {
      method: "POST",
      headers: { "Upload-Length": String(this.file.size), "Upload-Metadata": `filename ${inBase64(this.file.name)}` },
    })
    if (!answer.ok) throw new Refused(await told(answer))
    this.address = answer.headers.get("Location")
    localStorage.setItem(keyOf(this.file), this.address)
  }

  // Asks until there is an answer: a connection that is away comes back.
  async ask(address, options) {
    for (let tries = 0; ; tries += 1) {
      while (this.paused && !this.dropped) await sleep(0.3)
      if (this.dropped) throw new Refused("it was dropped")
      // a part can be cut short; of what begins an upload the answer is needed
      this.abort = options.method === "PATCH" ? new AbortController() : undefined
      try {
        const headers = { ...TUS, "X-CSRF": csrf(), ...options.headers }
        const answer = await fetch(address, { ...options, headers, signal: this.abort?.signal })
        if (answer.status < 500 && answer.status !== 423) return answer
      } catch (error) {
        if (this.paused || this.dropped) continue
        this.say("The connection is away. It goes on by itself once it is back.")
      }
      if (options.method === "PATCH") return undefined
      await sleep(WAITS[Math.min(tries, WAITS.length - 1)])
    }
  }

  async offset() {
    const answer = await this.ask(this.address, { method: "HEAD" })
    if (!answer.ok) return undefined
    return Number(answer.headers.get("Upload-Offset"))
  }

  async send() {
    let failures = 0
    let offset = await this.offset()
    while (offset !== undefined && offset < this.file.size) {
      this.show(offset)
      const answer = await this.ask(this.address, {
        method: "PATCH",
        headers: { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset) },
        body: this.file.slice(offset, offset + PART),
      })
      if (answer?.ok) {
        failures = 0
        offset = Number(answer.headers.get("Upload-Offset"))
        continue
      }
      if (answer && answer.status !== 409) throw new Refused(await told(answer))
      await sleep(WAITS[Math.min(failures++, WAITS.length - 1)])
      offset = await this.offset()
    }
    if (offset === undefined) throw new Refused("it was dropped, or a day has gone by; choose it again")
    this.show(offset)
  }

  show(offset) {
    this.bar.value = offset
    if (!this.paused) this.say(`${megabytes(offset)} of ${megabytes(this.file.size)} MB are here.`)
  }

  // Asks again where others are measured first, as long as the answer says when.
  async measured(address, body) {
    for (;;) {
      const headers = { "Content-Type": "application/json", "X-CSRF": csrf() }
      const answer = await fetch(address, { method: "POST", headers, body }).catch(() => undefined)
      const again = answer?.status === 503 ? Number(answer.headers.get("Retry-After")) : 0
      if (!again) return answer
      this.say("Other files are measured first. It goes on by itself.")
      await sleep(again)
    }
  }

  // Makes a recording of it; what is wrong is said beside the file.
  async finish(said) {
    const upload = await this.arrived
    if (!upload) return this.dropped
    this.say("It is measured, and compared with what is here.")
    const answer = await this.measured(`/api/studio/upload/${upload}/finish`, JSON.stringify(said))
    if (!answer) {
      this.say("The connection is away. Nothing is lost: send it again.", "wrong")
      return false
    }
    if (!answer.ok) {
      this.say(`${await told(answer)}. `, "wrong")
      this.refused = true
      if (await isBroken(upload)) {
        this.buttons.querySelector("a")?.remove() // what cannot be taken in cannot be finished
        return false
      }
      const more = document.createElement("a")
      more.href = `/studio/upload/${upload}`
      more.textContent = "Say more and try again"
      this.state.append(more)
      return false
    }
    const done = await answer.json()
    if (this.file) localStorage.removeItem(keyOf(this.file))
    this.buttons.remove()
    this.taken = true
    this.say(`${done.said} `, "done")
    const link = document.createElement("a")
    link.href = done.next
    link.textContent = "Look at it"
    this.state.append(link)
    return true
  }
}

// What the form says, as the API takes it.
function saidBy(form) {
  const data = new FormData(form)
  const column = (name) => data.getAll(name).map((it) => it.trim())
  const rows = (...names) => {
    const columns = names.map(column)
    return columns[0].map((_, at) => columns.map((cells) => cells[at])).filter((row) => row[0])
  }
  const helped = data.get("tools")
  const said = {
    artist: data.get("artist") ?? "",
    agreement: data.get("agreement") ?? "",
    licence: data.get("licence") ?? "",
    visibility: data.get("visibility"),
    downloads: data.has("downloads"),
    holders: rows("holder_name", "holder_share", "holder_role", "holder_where").map(([name, share, role, where]) => ({
      name,
      share: share || "100%",
      role: role || "owner",
      territories: where || "world",
    })),
    made_with: null,
  }
  if (helped === "none") said.made_with = []
  if (helped === "some") {
    said.made_with = rows("tool_name", "tool_part", "tool_voice").map(([name, part, voice]) => ({ name, part, voice }))
  }
  return said
}

export function mount(element) {
  const form = element.querySelector("form")
  const input = element.querySelector('input[type="file"]')
  const list = element.querySelector("[data-files]")
  const status = element.querySelector("[data-status]")
  const place = element.querySelector("[data-drop]")
  const sendings = [...element.ownerDocument.querySelectorAll('input[name="ready"]')].map((it) => Sending.here(it))

  const tell = () => {
    const left = sendings.filter((it) => !it.taken && !it.dropped && !it.refused)
    const ready = left.filter((it) => it.whole).length
    const files = ready === 1 ? "1 file is" : `${ready} files are`
    const they = ready === 1 ? "it is" : "they are"
    let words = ""
    if (ready < left.length) words = `${ready} of ${left.length} files are ready.`
    else if (ready) words = `${files} ready, and not on the site yet: say what ${they} and press “Bring them here”.`
    if (status.textContent !== words) status.textContent = words
  }
  const take = (files) => {
    for (const file of files) sendings.push(new Sending(file, list, tell))
    input.value = ""
    input.required = false
    tell()
  }
  input.addEventListener("change", () => take(input.files))
  for (const name of ["dragenter", "dragover"]) {
    place.addEventListener(name, (event) => {
      event.preventDefault()
      place.classList.add("over")
    })
  }
  for (const name of ["dragleave", "drop"]) place.addEventListener(name, () => place.classList.remove("over"))
  place.addEventListener("drop", (event) => {
    event.preventDefault()
    take(event.dataTransfer.files)
  })

  form.addEventListener("submit", async (event) => {
    event.preventDefault()
    event.stopPropagation()
    const button = form.querySelector('button[type="submit"]')
    button.disabled = true
    const said = saidBy(form)
    let done = 0
    let left = 0
    for (const one of sendings.filter((it) => !it.taken && !it.dropped)) {
      one.refused = false
      if (await one.finish(said)) done += 1
      else left += 1
    }
    button.disabled = false
    status.textContent = sendings.length ? `${done} are here; ${left} need another look.` : "Choose at least one file."
  }, true)
  window.addEventListener("beforeunload", (event) => {
    if (sendings.some((it) => it.file && !it.taken && !it.dropped && !it.refused)) event.preventDefault()
  })
}
