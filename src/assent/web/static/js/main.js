// Starts what a page asks for: every element with data-module="name" is given to ./name.js.
// Pages work without any of it; a module only adds.

const mounted = new WeakSet()

async function mountAll(root) {
  for (const element of root.querySelectorAll("[data-module]")) {
    if (mounted.has(element)) continue
    mounted.add(element)
    for (const name of element.dataset.module.split(" ")) {
      try {
        const module = await import(`./${name}.js`)
        module.mount(element)
      } catch (error) {
        console.error(`${name}: ${error.message}`)
      }
    }
  }
}

const root = document.documentElement
root.classList.add("scripted")
mountAll(document).then(() => root.classList.add("mounted"))
document.addEventListener("htmx:after:swap", () => mountAll(document))

// A page that comes into this one is under the policy of this one: its own style, which carries what
// its own policy names, is given what ours names. Any other stays blocked.
const nonce = document.querySelector("meta[name=csp-nonce]")?.content ?? ""
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  const theirs = /'nonce-([\w-]+)'/.exec(ctx.response?.headers?.get("content-security-policy") ?? "")?.[1]
  if (theirs) ctx.text = ctx.text.replaceAll(`nonce="${theirs}"`, `nonce="${nonce}"`)
})
