// The player of a recording's page. Without it the browser's own controls play, and the waveform is
// a picture; this makes the waveform a slider, adds keys, tells what was heard, renews links that
// ran out, remembers where one was, and lets what plays go on in the dock while one looks around.

import { Listening } from "./listening.js"
import { dock, undock } from "./dock.js"

export const STEP_S = 5
export const LEAP_S = 15
const nonce = document.querySelector("meta[name=csp-nonce]")?.content ?? ""

const players = new Set()

export function mount(element) {
  players.add(new Player(element))
}

document.addEventListener("htmx:before:swap", () => {
  for (const player of players) player.leave()
  players.clear()
})

export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds))
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  if (!parts[0]) parts.shift()
  return parts.map((part, n) => (n ? String(part).padStart(2, "0") : part)).join(":")
}

// A length is rounded as on every page; where one is in it is not, or it would be there too early.
export const length = (seconds) => clock(Math.round(seconds))

const ICONS = {
  play: "M7 4v16l13-8z",
  pause: "M6 4h4v16H6zM14 4h4v16h-4z",
  loud: "M4 9v6h4l5 5V4L8 9zM16 8.5v7a4.5 4.5 0 0 0 0-7z",
  silent: "M4 9v6h4l5 5V4L8 9zM16 9l5 6m0-6l-5 6",
}

export function icon(button, name, label) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
  svg.setAttribute("viewBox", "0 0 24 24")
  svg.setAttribute("aria-hidden", "true")
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path")
  path.setAttribute("d", ICONS[name])
  if (name === "silent") path.setAttribute("stroke", "currentColor")
  svg.append(path)
  button.replaceChildren(svg)
  button.setAttribute("aria-label", label)
}

class Player {
  constructor(element) {
    this.element = element
    this.data = element.dataset
    this.duration = Number(this.data.duration) || 0
    this.wave = element.querySelector(".player-wave")
    this.stop = new AbortController()
    const back = undock(this.data.recording)
    const own = element.querySelector("audio")
    if (back) own.replaceWith(back.audio)
    this.audio = back?.audio ?? own
    this.listening = back ?? new Listening(own, this.data)
    this.listening.onTrouble = (text) => (this.trouble.textContent = text)
    this.audio.classList.add("ours")
    this.audio.controls = false
    this.build()
    this.listen()
    this.surf()
    this.show()
  }

  build() {
    this.play = document.createElement("button")
    this.play.type = "button"
    this.play.className = "button player-play"
    this.element.querySelector(".player-box").prepend(this.play)
    const played = this.wave.querySelector("svg").cloneNode(true)
    played.classList.add("played")
    this.wave.querySelector("svg").after(played)
    this.played = played
    for (const [name, value] of Object.entries({
      role: "slider", tabindex: "0", "aria-label": "Position", "aria-valuemin": "0",
      "aria-valuemax": String(Math.round(this.duration)),
    })) this.wave.setAttribute(name, value)
    const line = document.createElement("div")
    line.className = "player-line"
    this.time = document.createElement("span")
    this.mute = document.createElement("button")
    this.mute.type = "button"
    this.mute.className = "button quiet small"
    this.trouble = document.createElement("p")
    this.trouble.className = "trouble"
    this.trouble.setAttribute("role", "alert")
    const keys = document.createElement("span")
    keys.className = "keys"
    keys.textContent = "Space plays, arrows move, 0 to 9 jump, M mutes"
    line.append(this.time, this.mute, keys, this.trouble)
    this.element.append(line)
  }

  listen() {
    const { signal } = this.stop
    const on = (target, name, act) => target.addEventListener(name, act, { signal })
    on(this.play, "click", () => this.toggle())
    on(this.mute, "click", () => { this.audio.muted = !this.audio.muted })
    for (const name of ["timeupdate", "play", "pause", "ended", "seeked", "volumechange"]) {
      on(this.audio, name, () => this.show())
    }
    on(this.wave, "pointerdown", (event) => {
      if (event.button) return
      this.wave.setPointerCapture(event.pointerId)
      this.seekTo(event)
    })
    on(this.wave, "pointermove", (event) => {
      if (this.wave.hasPointerCapture(event.pointerId)) this.seekTo(event)
    })
    on(this.wave, "keydown", (event) => this.key(event, true))
    on(document, "keydown", (event) => this.key(event, false))
    on(this.audio, "play", () => {
      for (const other of players) if (other !== this) other.audio.pause()
    })
  }

  seekTo(event) {
    const box = this.wave.getBoundingClientRect()
    this.seek(((event.clientX - box.left) / box.width) * this.duration)
  }

  // Keys work wherever nothing else takes them: not while somebody writes or presses a button.
  key(event, focused) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
    const there = event.target instanceof Element ? event.target : document.body
    const busy = there.closest("a, button, input, select, textarea, summary, dialog, [contenteditable], [role=slider]")
    if (!focused && (busy || this.element !== document.querySelector(".player"))) return
    const now = this.audio.currentTime
    const acts = {
      " ": () => this.toggle(), k: () => this.toggle(), m: () => { this.audio.muted = !this.audio.muted },
      ArrowLeft: () => this.seek(now - STEP_S), ArrowRight: () => this.seek(now + STEP_S),
      j: () => this.seek(now - LEAP_S), l: () => this.seek(now + LEAP_S),
    }
    if (focused) {
      Object.assign(acts, {
        ArrowDown: acts.ArrowLeft, ArrowUp: acts.ArrowRight,
        PageDown: acts.j, PageUp: acts.l,
        Home: () => this.seek(0), End: () => this.seek(this.duration),
      })
    }
    const digit = /^[0-9]$/.test(event.key) ? () => this.seek((Number(event.key) / 10) * this.duration) : null
    const act = acts[event.key] ?? digit
    if (!act) return
    event.preventDefault()
    act()
  }

  toggle() {
    if (this.audio.paused) this.listening.play()
    else this.audio.pause()
  }

  seek(seconds) {
    this.listening.seek(Math.min(Math.max(seconds, 0), this.duration))
    this.show()
  }

  show() {
    const at = this.listening.at()
    const part = this.duration ? Math.min(at / this.duration, 1) : 0
    this.played.style.clipPath = `inset(0 ${(100 - 100 * part).toFixed(2)}% 0 0)`
    // nothing is loaded yet, so the finer picture cannot know where it will begin
    this.wave.classList.toggle("waits", this.listening.start > 0)
    this.wave.setAttribute("aria-valuenow", String(Math.round(at)))
    this.wave.setAttribute("aria-valuetext", `${clock(at)} of ${length(this.duration)}`)
    this.time.textContent = `${clock(at)} / ${length(this.duration)}`
    const paused = this.audio.paused
    if (this.wasPaused !== paused) icon(this.play, paused ? "play" : "pause", paused ? "Play" : "Pause")
    if (this.wasMuted !== this.audio.muted) {
      icon(this.mute, this.audio.muted ? "silent" : "loud", this.audio.muted ? "Sound on" : "Mute")
    }
    this.wasPaused = paused
    this.wasMuted = this.audio.muted
  }

  // A finer picture of the same outline, where it was built; ours stays in place without it.
  async surf() {
    if (!this.data.wave) return
    try {
      const { default: WaveSurfer } = await import(this.data.wave)
      if (this.stop.signal.aborted) return
      const box = document.createElement("div")
      box.className = "surf"
      this.wave.append(box)
      const look = getComputedStyle(this.element)
      this.surfer = WaveSurfer.create({
        container: box, media: this.audio, duration: this.duration, cspNonce: nonce,
        peaks: [this.data.peaks.split(" ").map(Number)],
        height: 64, barWidth: 3, barGap: 2, barRadius: 2, cursorWidth: 0, interact: false,
        hideScrollbar: true, waveColor: look.getPropertyValue("--field"),
        progressColor: look.getPropertyValue("--accent"),
      })
      this.surfer.once("redraw", () => this.wave.classList.add("has-surf"))
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
        const now = getComputedStyle(this.element)
        this.surfer?.setOptions({
          waveColor: now.getPropertyValue("--field"), progressColor: now.getPropertyValue("--accent"),
        })
      }, { signal: this.stop.signal })
    } catch (error) {
      console.info(`the waveform stays as it is: ${error.message}`)
    }
  }

  leave() {
    this.stop.abort()
    this.surfer?.destroy()
    this.listening.onTrouble = null
    if (!this.audio.paused) dock(this.listening, this.data)
    else this.listening.tell()
  }
}
