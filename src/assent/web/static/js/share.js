// Copies a recording's address, from the beginning or from the moment that is being heard.

import { moment } from "./comment_form.js"

export function mount(element) {
  const field = element.querySelector("input")
  const said = element.querySelector("[role=status]")
  element.querySelector("[hidden]").hidden = false
  for (const button of element.querySelectorAll("[data-share]")) {
    button.addEventListener("click", async () => {
      const audio = document.querySelector("audio")
      const from = button.dataset.share === "moment" && audio ? audio.currentTime : 0
      const address = from >= 1 ? `${field.value}?t=${moment(from)}` : field.value
      try {
        await navigator.clipboard.writeText(address)
        said.textContent = from >= 1 ? `Copied, from ${moment(from)} on.` : "Copied."
      } catch {
        field.focus()
        field.select()
        said.textContent = "Copy it from the field."
      }
    })
  }
}
