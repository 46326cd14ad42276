// @ts-check
// The links at the top say which panel is being read: always one of them.

export function startNavigation() {
  const links = [...document.querySelectorAll("nav a")];
  const panels = links.map(
    (link) => /** @type {Element} */ (document.querySelector(link.getAttribute("href") ?? "")),
  );
  /** @type {Set<Element>} */
  const inTop = new Set();

  // Of the panels in the upper third of the window the last one is read; above all, the first.
  const watched = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) inTop.add(target);
        else inTop.delete(target);
      }
      const current = Math.max(0, ...panels.map((panel, i) => (inTop.has(panel) ? i : 0)));
      for (const [i, link] of links.entries()) {
        if (i === current) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      }
    },
    { rootMargin: "0px 0px -66% 0px" },
  );

  for (const panel of panels) watched.observe(panel);
}
