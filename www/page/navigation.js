// @ts-check
// The links at the top say which panel is being read.

export function startNavigation() {
  const links = [...document.querySelectorAll("nav a")];
  const panels = links.map(
    (link) => /** @type {Element} */ (document.querySelector(link.getAttribute("href") ?? "")),
  );

  // A panel is read when it crosses a line a third down the window.
  const watched = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const link = links[panels.indexOf(target)];
        if (isIntersecting) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      }
    },
    { rootMargin: "-33% 0px -66% 0px" },
  );

  for (const panel of panels) watched.observe(panel);
}
