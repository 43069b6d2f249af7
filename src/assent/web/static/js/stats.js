// Draws the plays by day with uPlot where it was built; without it the drawing of the page stays.

export async function mount(element) {
  const table = element.querySelector("table[data-days]")
  const rows = [...table.querySelectorAll("tr[data-day]")].reverse()
  let Plot
  try {
    Plot = (await import("../vendor/uPlot.js")).default
  } catch {
    return
  }
  // asked at each drawing, as they differ in light and dark
  const colour = (name) => () => getComputedStyle(document.documentElement).getPropertyValue(name).trim()
  const days = rows.map((row) => Date.parse(`${row.dataset.day}T00:00Z`) / 1000)
  const plays = rows.map((row) => Number(row.dataset.plays))
  const axis = { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line") } }
  const place = document.createElement("div")
  place.setAttribute("aria-hidden", "true") // the table says the same
  element.prepend(place)
  const size = () => ({ width: element.clientWidth, height: 220 })
  const plot = new Plot(
    {
      ...size(),
      tzDate: (seconds) => Plot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      legend: { show: true },
      scales: { y: { range: (_, __, most) => [0, Math.max(most, 1)] } },
      axes: [axis, axis],
      series: [
        { label: "Day", value: "{YYYY}-{MM}-{DD}" },
        { label: "Plays", stroke: colour("--accent"), fill: colour("--accent-wash"), width: 2, points: { size: 5 } },
      ],
    },
    [days, plays],
    place,
  )
  element.querySelector("svg.bars")?.remove()
  new ResizeObserver(() => plot.setSize(size())).observe(element)
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => plot.redraw())
}
