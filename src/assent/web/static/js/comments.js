// What people say of a moment: a click on its time plays from there, and a new comment begins at
// the moment that is being heard. Without this, times are links and the moment is typed.

export function mount(list) {
  list.addEventListener("click", (event) => {
    const link = event.target.closest("[data-at-ms]")
    const audio = document.querySelector("audio")
    if (!link || !audio || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    event.stopPropagation()
    audio.currentTime = Number(link.dataset.atMs) / 1000
    audio.play().catch(() => {})
  })
}
