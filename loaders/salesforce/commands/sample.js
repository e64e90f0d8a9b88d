(() => {
  const bar = document.getElementById("filters");
  const [step, field, state, word] = ["step", "field", "state", "word"].map(id => document.getElementById("by-" + id));
  const sections = [...document.querySelectorAll("section.step")];
  const records = [...document.querySelectorAll("article.record")].map(element => ({
    element,
    step: element.parentElement.dataset.step,
    text: element.querySelector("h4").textContent.toLowerCase(),
    rows: [...element.querySelectorAll("tbody tr")],
  }));
  const groups = {
    wrong: new Set(["missing", "differs"]),
    changed: new Set(["changed", "by-rule", "not-taken", "left-empty", "kept", "masked", "missing", "differs"]),
  };
  function apply() {
    const wanted = state.value && (groups[state.value] || new Set([state.value]));
    const sought = word.value.trim().toLowerCase();
    const left = new Map();
    let shown = 0;
    for (const record of records) {
      let any = false;
      const fits = (!step.value || record.step === step.value) && (!sought || record.text.includes(sought));
      if (fits) {
        for (const row of record.rows) {
          const hide = (field.value && row.dataset.field !== field.value) || (wanted && !wanted.has(row.dataset.state));
          row.hidden = Boolean(hide);
          any = any || !hide;
        }
      }
      record.element.hidden = !any;
      if (any) {
        shown += 1;
        left.set(record.step, true);
      }
    }
    for (const section of sections) section.hidden = !left.has(section.dataset.step);
    document.getElementById("shown").textContent = `${shown.toLocaleString("en")} of ${records.length.toLocaleString("en")} records shown`;
  }
  bar.hidden = false;
  bar.addEventListener("input", apply);
  bar.addEventListener("reset", () => setTimeout(apply));
  apply();
})();
