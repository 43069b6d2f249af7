// A new comment is about the moment that is being heard when somebody begins to write, until they
// change that moment themselves.

export function mount(element) {
  const form = element.querySelector("form")
  const at = form.elements.namedItem("at")
  const words = form.elements.namedItem("words")
  const first = at.value
  words.addEventListener("focus", () => {
    const audio = document.querySelector("audio")
    if (!audio || at.value !== first || words.value || !audio.currentTime) return
    at.value = moment(audio.currentTime)
  })
}

export function moment(seconds) {
  const whole = Math.floor(seconds)
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  if (!parts[0]) parts.shift()
  return parts.map((part, n) => (n ? String(part).padStart(2, "0") : part)).join(":")
}
