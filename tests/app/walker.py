"""A stranger with a real browser who works every control of a page, and what is wrong on it."""

import re
import time

WAIT = 240_000  # milliseconds; a shared machine is slow, and no time is asserted
ALLOWED = ("_stcore/health", "_stcore/host-config")  # Streamlit looks for them on deep links
FOLDED = {"Hint", "Solution"}  # of every exercise; text alone, read by the tests of lessons
CONTROLS = {
    "select": "[data-testid=stSelectbox] [role=combobox]",
    "choice": "[data-testid=stButtonGroup] button",
    "slider": "[role=slider]",
    "switch": "[data-testid=stCheckbox] label",
    "number": "[data-testid=stNumberInput] input",
    "download": "[data-testid=stPopoverButton]",
}
QUIET = """() => document.querySelector('[data-testid=stApp][data-test-script-state=notRunning]')
    && !document.querySelector('[data-stale=true]')
    && ![...document.querySelectorAll('[data-testid=stSkeleton]')].some(s => s.checkVisibility())"""
FAULTS = r"""() => {
  const main = document.querySelector('[data-testid=stMain]'), found = []
  const seen = one => one.checkVisibility({visibilityProperty: true}) && one.clientHeight > 0
  const place = one => (one.closest('[data-testid=stElementContainer]')?.className
    .match(/st-key-\S+/) || [''])[0]
  for (const one of main.querySelectorAll('[data-testid=stException]'))
    if (seen(one)) found.push('exception: ' + one.innerText.slice(0, 300))
  const words = []
  const read = node => {
    if (node.nodeType === 3) return words.push(node.data)
    if (node.nodeType !== 1) return
    if (node.matches('code, pre, svg, .katex, script, style, [data-testid=stIconMaterial]'))
      return words.push(' # ')
    if (node.matches('details:not([open]) > *:not(summary)')) return
    for (const child of node.childNodes) read(child)
    if (getComputedStyle(node).display !== 'inline') words.push('\n')
  }
  read(main)
  const text = words.join('')
  const raw = new RegExp([
    String.raw`(?<![\w/.-])(nan|NaN|-?inf|-?Infinity|undefined)(?![\w/-])`,
    String.raw`[=:(] ?None\b|<!--|step 0 of 0|Traceback|\bEvidence\(|<\w[\w.]* object at`,
    String.raw`(?<![\w.])-0(\.0+)?(?![\w.])`,
    String.raw`\{'|\['|[=:(] ?(True|False)\b|array\(|dtype=`,
  ].join('|'), 'g')
  for (const hit of text.matchAll(raw)) found.push('raw ' + hit[0] + ': '
    + text.slice(Math.max(0, hit.index - 60), hit.index + 60).replace(/\s+/g, ' '))
  for (const chart of main.querySelectorAll('[data-testid=stVegaLiteChart]')) {
    if (!seen(chart)) continue
    const name = place(chart) || chart.getAttribute('aria-label')?.slice(0, 60)
    const svg = chart.querySelector('svg.marks')
    if (!svg) { found.push('no drawing: ' + name); continue }
    const marks = [...svg.querySelectorAll('g.role-mark:not(.mark-group)')]
    const drawn = marks.flatMap(g => [...g.children]).filter(c =>
      c.tagName !== 'path' || !/^(M0,0)?(h0)?$/.test(c.getAttribute('d') || ''))
    if (!drawn.length) found.push('empty chart: ' + name)
    const box = svg.getBoundingClientRect()
    const column = chart.closest('[data-testid=stElementContainer]').getBoundingClientRect()
    if (box.width > column.width + 2 && !/auto|scroll/.test(getComputedStyle(chart).overflowX))
      found.push(`wider than its column: ${name} ${box.width | 0} > ${column.width | 0}`)
    const labels = [...svg.querySelectorAll('text')]
      .filter(t => t.textContent.trim() && t.getAttribute('opacity') !== '0'
        && getComputedStyle(t).display !== 'none')
      .map(t => [t.getBoundingClientRect(), t.textContent.trim(),
        /rotate/.test(t.getAttribute('transform') || '')])
    for (const [r, said] of labels) {
      const out = Math.max(box.left - r.left, r.right - box.right, box.top - r.top,
        r.bottom - box.bottom)
      if (r.width && out > 3) found.push(`cut by ${out | 0}: "${said}" in ${name}`)
      if (/^(NaN|undefined|null|Infinity)$/.test(said)) found.push(`label ${said} in ${name}`)
    }
    const level = labels.filter(([r, , turned]) => r.width && !turned)
    level.forEach(([a, one], i) => level.slice(i + 1).forEach(([b, other]) => {
      const w = Math.min(a.right, b.right) - Math.max(a.left, b.left)
      const h = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)
      if (w > 2 && h > 0.45 * Math.min(a.height, b.height))
        found.push(`overprinted: "${one}" and "${other}" in ${name}`)
    }))
  }
  for (const one of main.querySelectorAll('img')) {
    if (one.complete && !one.naturalWidth) found.push(`a picture that is not there: ${one.alt}`)
  }
  const over = main.scrollWidth - main.clientWidth
  if (over > 0) found.push('the page scrolls sideways by ' + over)
  return [...new Set(found)].slice(0, 12)
}"""


class Walk:
    """One visitor of one page.

    Attributes:
        page: Of Playwright.
        found: What is wrong, each with where it was seen first.
        worked: How many controls of each kind were worked.
    """

    def __init__(self, page, address: str, learner: str) -> None:
        self.page, self.address, self.learner = page, address, learner
        self.found: dict[str, str] = {}
        self.worked = dict.fromkeys((*CONTROLS, "folded", "tab", "file"), 0)
        self.commands: set[str] = set()
        page.set_default_timeout(WAIT)
        page.on("pageerror", lambda error: self._note(f"page error: {error}", "console"))
        page.on("console", self._console)

    def _console(self, line) -> None:
        said = f"{line.text} {line.location}"
        if "/media/" in said and ("404" in said or "Image source error" in said):
            return  # it was replaced meanwhile; one that the page still shows is found by `look`
        if line.type == "error" and not any(known in said for known in ALLOWED):
            self._note(f"console: {said}", "console")

    def _note(self, fault: str, where: str) -> None:
        self.found.setdefault(fault, where)

    def open(self, path: str, last: str) -> None:
        """By a deep link, until its last heading is there."""
        joint = "&" if "?" in path else "?"
        self.page.goto(f"{self.address}/{path}{joint}learner={self.learner}")
        self.page.get_by_role("heading", name=last).wait_for()
        self.look("opened")

    def settle(self) -> None:
        """Until nothing moves any more."""
        self.page.wait_for_timeout(120)
        self.page.wait_for_function(QUIET)
        self.page.wait_for_timeout(180)

    def look(self, where: str) -> None:
        """Note what is wrong now."""
        self.settle()
        for fault in self.page.evaluate(FAULTS):
            self._note(fault, where)

    def tabs(self) -> list[str]:
        """Labels of the page's tabs; [""] where it has none."""
        shown = self.page.locator(".st-key-lab").get_by_role("tab")
        return [one.strip() for one in shown.all_inner_texts()] or [""]

    def panel(self, tab: str):
        """What a tab holds, opened; the whole page where it has none."""
        if not tab:
            return self.page.get_by_test_id("stMain")
        label = re.compile(rf"^(\d+\. )?{re.escape(tab)}$")  # with its number, or without
        self.page.locator(".st-key-lab").get_by_role("tab", name=label).first.click()
        self.worked["tab"] += 1
        self.look(tab)
        return self.page.locator(".st-key-lab [role=tabpanel]:visible").first

    def unfold(self, panel, tab: str) -> None:
        """Open all that is folded, also what unfolds inside."""
        for _ in range(60):
            heads = panel.locator("details:not([open]) > summary:visible").all()
            heads = [one for one in heads if one.inner_text().split("\n")[-1] not in FOLDED]
            if not heads:
                break
            heads[0].click()
            self.worked["folded"] += 1
            self.settle()
        self.look(f"{tab}, all unfolded")

    def work(self, panel, tab: str) -> None:
        """Each control once: the last of its choices, both ends, the other way, and back."""
        self.worked["file"] += panel.locator("input[type=file]").count()
        for kind, where in CONTROLS.items():
            for k in range(40):
                shown = panel.locator(f"{where}:visible")
                if k >= shown.count():
                    break
                if shown.nth(k).is_enabled():
                    getattr(self, f"_{kind}")(shown.nth(k))
                    self.worked[kind] += 1
                    self.look(f"{tab}, {kind} {k}")

    def _select(self, one) -> None:
        one.click()
        choices = self.page.get_by_role("option")
        self.page.wait_for_timeout(1500)
        if not choices.count():  # a page that ran again has closed it
            one.press("ArrowDown")
        choices.first.wait_for(state="attached")
        choices.last.click()

    def _choice(self, one) -> None:
        if one.get_attribute("aria-checked") != "true":
            one.click()

    def _slider(self, one) -> None:
        for key in ("Home", "End"):
            one.focus()
            one.press(key)
            self.settle()

    def _switch(self, one) -> None:
        one.click()

    def _number(self, one) -> None:
        one.fill(one.get_attribute("max") or "1")
        one.press("Enter")

    def _download(self, one) -> None:
        one.click()
        body = self.page.get_by_test_id("stPopoverBody")
        body.wait_for()
        files = body.get_by_test_id("stDownloadButton")
        for _ in range(80):  # a busy machine draws them after the box that they lie in
            if files.count():
                break
            self.page.wait_for_timeout(250)
        else:
            self._note("a download without a file", one.inner_text())
        self.commands.update(body.locator("code").all_inner_texts())
        self.page.keyboard.press("Escape")
        body.wait_for(state="detached")

    def smallest(self, panel) -> None:
        """Sizes to their lowest end, so that what is asked for takes as little as it may."""
        for one in panel.locator("[role=slider]:visible").all():
            label = one.get_attribute("aria-label") or ""
            if re.search(r"Plants|Encoders|Samples|Steps|Directions", label):
                one.focus()
                one.press("Home")
                self.settle()

    def ask(self, panel, button: str, seconds: float) -> None:
        """Press a button that asks for a run, and wait until the run is over."""
        self.smallest(panel)
        ours = panel.get_by_test_id("stButton")  # pictures have toolbars, which name them
        ours.get_by_role("button", name=button).first.click()
        self.settle()
        began, states = time.monotonic(), panel.locator("[class*=st-key-run-state]")
        while time.monotonic() - began < seconds:
            said = " ".join(states.all_inner_texts())
            if re.search(r"\b(done|failed|cancelled)\b", said) and "running" not in said:
                break
            self.page.wait_for_timeout(500)
        else:
            self._note(f"not done in {seconds:.0f} s", button)
        if re.search(r"\bfailed\b", " ".join(states.all_inner_texts())):
            self._note(f"failed: {' '.join(states.all_inner_texts())[:300]}", button)
        self.look(f"{button}, done")
