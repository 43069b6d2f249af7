// One play after the other of one recording: its link, renewed before it is missed; where one was;
// and what was heard, told to the site so that it counts.

const FIRST_S = 10
const TELL_EVERY_S = 30
const KEPT_LONG_S = 600

export class Listening {
  constructor(audio, data) {
    this.audio = audio
    this.recording = data.recording
    this.key = data.key
    this.embedded = data.embedded === "yes"
    this.duration = Number(data.duration) || 0
    this.heard = 0
    this.told = 0
    this.last = null
    this.onTrouble = null
    this.start = Number(data.start) || this.remembered()
    this.tried = false
    audio.replaceChildren()
    audio.removeAttribute("src")
    audio.src = this.native(data) ? data.hls : data.src
    audio.addEventListener("timeupdate", () => this.tick())
    audio.addEventListener("seeking", () => { this.last = null })
    audio.addEventListener("pause", () => this.rest())
    audio.addEventListener("ended", () => this.end())
    audio.addEventListener("error", () => this.failed())
    audio.addEventListener("playing", () => { this.tried = false; this.onTrouble?.("") })
    addEventListener("pagehide", () => this.rest())
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.rest() })
  }

  // Only players that cannot play the file itself need it in parts.
  native(data) {
    return Boolean(data.hls) && !this.audio.canPlayType("audio/mp4") &&
      Boolean(this.audio.canPlayType("application/vnd.apple.mpegurl"))
  }

  at() {
    return this.start || this.audio.currentTime
  }

  async play() {
    try {
      if (this.ended) await this.renew(false)
      if (this.start) {
        this.audio.currentTime = this.start
        this.start = 0
      }
      await this.audio.play()
    } catch (error) {
      if (error.name !== "AbortError" && !this.audio.error) this.onTrouble?.("It cannot be played here.")
    }
  }

  seek(seconds) {
    if (this.audio.readyState === 0 && this.audio.paused) {
      this.start = seconds
      return
    }
    this.start = 0
    this.audio.currentTime = seconds
  }

  tick() {
    const now = this.audio.currentTime
    if (this.last !== null && now > this.last && now - this.last < 2) this.heard += now - this.last
    this.last = now
    const first = Math.min(FIRST_S, this.duration / 2)
    if (this.heard >= first && (this.told < first || this.heard - this.told >= TELL_EVERY_S)) this.tell()
  }

  rest() {
    this.last = null
    this.tell()
    this.remember()
  }

  end() {
    this.ended = true
    this.rest()
    this.forget()
  }

  tell() {
    if (this.heard < Math.min(FIRST_S, this.duration / 2) || this.heard - this.told < 1) return
    this.told = this.heard
    const said = JSON.stringify({ play: this.key, seconds: Math.round(this.heard * 10) / 10 })
    fetch(`/api/r/${this.recording}/heard`, {
      method: "POST", keepalive: true, body: said, headers: { "content-type": "application/json" },
    }).catch(() => {})
  }

  // A link that ran out, such as after a night asleep: a fresh one of the same play, once.
  async failed() {
    if (this.tried) {
      this.onTrouble?.("It cannot be heard at the moment. Open the page again.")
      return
    }
    this.tried = true
    const at = this.audio.currentTime || this.start
    try {
      await this.renew(true)
      this.audio.currentTime = at
      await this.audio.play()
    } catch {
      this.onTrouble?.("It cannot be heard at the moment. Open the page again.")
    }
  }

  async renew(same) {
    const link = new URLSearchParams(location.search).get("link") ?? ""
    const before = same ? this.key : ""
    const answer = await fetch(`/api/r/${this.recording}/link`, {
      method: "POST", headers: { "content-type": "application/json" },
      body: JSON.stringify({ link, before, embedded: this.embedded }),
    })
    const said = await answer.json()
    if (!answer.ok) throw new Error(said.error)
    this.key = said.key
    this.audio.src = said.url
    if (!same) {
      this.heard = this.told = 0
      this.ended = false
    }
  }

  get place() {
    return `assent.at.${this.recording}`
  }

  get store() {
    return this.duration >= KEPT_LONG_S ? localStorage : sessionStorage
  }

  remember() {
    const at = this.audio.currentTime
    try {
      if (at > 5 && at < this.duration - 10) this.store.setItem(this.place, at.toFixed(1))
    } catch { /* some browsers keep nothing; then it begins at the beginning */ }
  }

  remembered() {
    try {
      const at = Number(this.store.getItem(this.place)) || 0
      return at < this.duration - 10 ? at : 0
    } catch {
      return 0
    }
  }

  forget() {
    try {
      this.store.removeItem(this.place)
    } catch { /* as above */ }
  }
}
