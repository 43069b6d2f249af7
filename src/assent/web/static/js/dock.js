// The dock at the foot of the page: what plays goes on there while one looks around, until its own
// page takes it back, something else plays, or it is stopped.

import { clock, icon, length } from "./player.js"

let docked = null

export function dock(listening, data) {
  clear()
  const place = document.getElementById("dock")
  if (!place) return
  const row = document.createElement("section")
  row.className = "dock-row"
  row.setAttribute("aria-label", "Playing")
  const play = document.createElement("button")
  play.type = "button"
  play.className = "button plain small"
  const link = document.createElement("a")
  link.href = `/r/${data.recording}`
  const title = document.createElement("bdi")
  title.textContent = data.title
  const artist = document.createElement("bdi")
  artist.textContent = data.artist
  link.append(title, " · ", artist)
  const time = document.createElement("time")
  const close = document.createElement("button")
  close.type = "button"
  close.className = "button quiet small"
  close.textContent = "×"
  close.setAttribute("aria-label", "Stop and close")
  row.append(play, link, time, close)
  place.replaceChildren(row)
  window.htmx?.process(row) // so that its link leads on without a new page, which would stop it
  move(place, listening.audio)
  const stop = new AbortController()
  const { audio } = listening
  const show = () => {
    icon(play, audio.paused ? "play" : "pause", audio.paused ? "Play" : "Pause")
    time.textContent = `${clock(audio.currentTime)} / ${length(listening.duration)}`
  }
  const on = (target, name, act) => target.addEventListener(name, act, { signal: stop.signal })
  for (const name of ["timeupdate", "play", "pause", "ended"]) on(audio, name, show)
  on(play, "click", () => (audio.paused ? listening.play() : audio.pause()))
  on(close, "click", () => { audio.pause(); clear() })
  document.addEventListener("play", (event) => {
    if (docked && event.target !== audio) { audio.pause(); clear() }
  }, { capture: true, signal: stop.signal })
  show()
  docked = { listening, stop }
}

// Gives what plays back to its own page.
export function undock(recording) {
  if (!docked || docked.listening.recording !== recording) return null
  const { listening } = docked
  const { audio } = listening
  docked.stop.abort()
  docked = null
  // the caller puts it in its place at once; what is moved in one go does not stop
  queueMicrotask(() => {
    const place = document.getElementById("dock")
    if (place && !place.contains(audio)) place.replaceChildren()
  })
  return listening
}

function clear() {
  if (!docked) return
  docked.stop.abort()
  docked.listening.tell()
  docked = null
  document.getElementById("dock")?.replaceChildren()
}

function move(place, audio) {
  if (place.moveBefore && audio.isConnected) place.moveBefore(audio, null)
  else place.append(audio)
}
