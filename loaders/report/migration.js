(() => {
  "use strict";
  const PAGE = 25;
  /* By what a text is sorted: letters without case and accents, numbers by their size. A collator
     does the same and takes seconds over 50,000 keys. */
  const sortable = text => String(text).normalize("NFKD").toLowerCase().replace(/[\u0300-\u036f]/g, "").replace(/\d+/g, digits => digits.padStart(20, "0"));
  const isNumber = kind => kind === "number" || kind === "money";
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name in element && typeof value !== "string") element[name] = value;
      else element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  };
  const shown = (value, kind) => {
    if (value === null) return "";
    if (kind === "money") return value.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    return kind === "number" ? value.toLocaleString("en") : String(value);
  };
  /* A key or a name breaks where its parts meet. */
  const breakable = text => text.split(/(?<=[.:_])(?=[A-Za-z0-9])/).flatMap((part, n) => (n ? [make("wbr"), part] : [part]));
  const read = element => JSON.parse(element.textContent);

  /* The rank of each distinct value, so that rows are sorted by comparing small numbers. */
  function ranks(column) {
    if (!column.ranks) {
      const order = column.values.map((_, n) => n);
      const by = column.values.map(value => (isNumber(column.kind) ? value ?? -Infinity : sortable(value ?? "")));
      order.sort((a, b) => (by[a] < by[b] ? -1 : by[a] > by[b] ? 1 : 0));
      column.ranks = new Int32Array(order.length);
      order.forEach((value, rank) => { column.ranks[value] = rank; });
    }
    return column.ranks;
  }

  class DataTable {
    constructor(root) {
      this.root = root;
      this.table = root.querySelector("table");
      const document_ = read(root.querySelector("script"));
      this.columns = document_.columns;
      this.rows = document_.rows;
      this.order = Int32Array.from({ length: this.rows }, (_, n) => n);
      this.fitting = this.order;
      this.sorted = null;
      this.page = 0;
      this.chosen = new Map();
      this.word = "";
      root.querySelector(".rest")?.remove();
      if (this.rows > 3) this.controls();
      this.pager();
      this.headings();
      this.draw();
    }

    headings() {
      this.heads = [...this.table.querySelectorAll("thead th")];
      this.heads.forEach((head, n) => {
        const button = make("button", { type: "button", class: "sort" }, this.columns[n].label);
        button.addEventListener("click", () => this.sort(n));
        head.replaceChildren(button);
        head.setAttribute("aria-sort", "none");
      });
    }

    controls() {
      const bar = make("form", { class: "bar", "aria-label": `Filter: ${this.table.caption.textContent}` });
      bar.addEventListener("submit", event => event.preventDefault());
      const search = make("input", { type: "search", autocomplete: "off" });
      let timer;
      search.addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(() => { this.word = search.value.trim().toLowerCase(); this.filter(); }, 120);
      });
      bar.append(make("label", {}, "Containing", search));
      this.columns.forEach((column, n) => {
        if (column.choose && column.values.length > 1) bar.append(this.choice(column, n));
      });
      bar.append(this.sorter());
      const clear = make("button", { type: "reset" }, "Clear");
      bar.addEventListener("reset", () => setTimeout(() => { this.word = ""; this.chosen.clear(); this.filter(); }));
      bar.append(clear);
      this.root.prepend(bar);
    }

    choice(column, n) {
      const select = make("select", {}, make("option", { value: "" }, "all"));
      const rank = ranks(column);
      column.values.map((value, place) => [value, place]).sort((a, b) => rank[a[1]] - rank[b[1]]).forEach(([value, place]) => {
        select.append(make("option", { value: String(place) }, shown(value, column.kind) || "(none)"));
      });
      select.addEventListener("change", () => {
        if (select.value) this.chosen.set(n, Number(select.value)); else this.chosen.delete(n);
        this.filter();
      });
      return make("label", {}, column.label, select);
    }

    /* Where rows are cards there are no headings to press. */
    sorter() {
      const select = make("select", {}, make("option", { value: "" }, "as listed"));
      this.columns.forEach((column, n) => select.append(make("option", { value: String(n) }, column.label)));
      select.addEventListener("change", () => { if (select.value) this.sort(Number(select.value)); });
      return make("label", { class: "only-narrow" }, "Sort by", select);
    }

    pager() {
      this.back = make("button", { type: "button" }, "Previous");
      this.forth = make("button", { type: "button" }, "Next");
      this.told = make("output", { "aria-live": "polite" });
      this.back.addEventListener("click", () => { this.page -= 1; this.draw(); });
      this.forth.addEventListener("click", () => { this.page += 1; this.draw(); });
      const pages = make("div", { class: "pager" }, this.back, this.forth, this.told);
      this.table.parentElement.after(pages);
      this.pages = pages;
    }

    haystack() {
      if (!this.text) {
        const lower = this.columns.map(column => column.values.map(value => shown(value, column.kind).toLowerCase()));
        this.text = Array.from({ length: this.rows }, (_, row) => this.columns.map((column, n) => lower[n][column.cells[row]]).join("\n"));
      }
      return this.text;
    }

    filter() {
      const text = this.word ? this.haystack() : null;
      const chosen = [...this.chosen].map(([n, place]) => [this.columns[n].cells, place]);
      this.fitting = this.order.filter(row => chosen.every(([cells, place]) => cells[row] === place) && (!text || text[row].includes(this.word)));
      this.page = 0;
      this.draw();
    }

    sort(n) {
      const descending = this.sorted === n && this.heads[n].getAttribute("aria-sort") === "ascending";
      const { cells, values } = this.columns[n];
      const rank = ranks(this.columns[n]);
      const empty = values.indexOf(null);
      const sign = descending ? -1 : 1;
      this.order.sort((a, b) => {
        if (empty >= 0 && (cells[a] === empty) !== (cells[b] === empty)) return cells[a] === empty ? 1 : -1;
        return sign * (rank[cells[a]] - rank[cells[b]]) || a - b;
      });
      this.heads.forEach((head, at) => head.setAttribute("aria-sort", at === n ? (descending ? "descending" : "ascending") : "none"));
      this.sorted = n;
      this.filter();
    }

    draw() {
      const from = this.page * PAGE;
      const rows = this.fitting.slice(from, from + PAGE);
      this.table.tBodies[0].replaceChildren(...Array.from(rows, row => this.row(row)));
      const number = this.fitting.length.toLocaleString("en");
      const of = this.fitting.length === this.rows ? "" : ` of ${this.rows.toLocaleString("en")}`;
      this.told.textContent = this.fitting.length > PAGE
        ? `${(from + 1).toLocaleString("en")} to ${(from + rows.length).toLocaleString("en")} of ${number} rows${of && ` (${this.rows.toLocaleString("en")} in all)`}`
        : `${number}${of} ${this.rows === 1 ? "row" : "rows"}`;
      this.back.disabled = this.page === 0;
      this.forth.disabled = from + PAGE >= this.fitting.length;
      this.back.hidden = this.forth.hidden = this.fitting.length <= PAGE;
      this.pages.hidden = this.rows <= 3;
    }

    row(row) {
      const cells = this.columns.map(column => {
        const text = shown(column.values[column.cells[row]], column.kind);
        let content = text;
        if (column.kind === "code") content = make("code", {}, ...breakable(text));
        if (column.kind === "key") {
          const linked = make("a", { href: `#record=${encodeURIComponent(text)}` }, ...breakable(text));
          content = make("code", {}, ...(knows(text) ? [linked] : breakable(text)));
        }
        const type = (isNumber(column.kind) ? "n" : `is-${column.kind}`) + (text ? "" : " none");
        return make("td", { class: type, "data-label": column.label }, make("div", {}, content));
      });
      return make("tr", {}, ...cells);
    }
  }

  /* One record. */
  const lookup = document.getElementById("lookup");
  const life = document.getElementById("life");
  const sought = document.getElementById("key");
  const cells = (data, row) => Object.fromEntries(data.columns.map(c => [c.label, c.values[c.cells[row]]]));
  let index = null;
  function lives() {
    if (!index) {
      index = { data: read(document.getElementById("lives")), rows: new Map() };
      const [keys, , , , ids] = index.data.columns;
      for (let row = 0; row < index.data.rows; row += 1) {
        for (const column of [keys, ids]) {
          const value = column.values[column.cells[row]];
          if (value !== null) index.rows.set(value, [...(index.rows.get(value) || []), row]);
        }
      }
    }
    return index;
  }
  const knows = key => lives().rows.has(key);

  function tell(said) {
    const { data, rows } = lives();
    const found = (rows.get(said) || []).map(row => cells(data, row));
    life.replaceChildren();
    if (!said) return;
    if (!found.length) {
      life.append(make("p", {}, "No correction and no refusal names it. In a terminal: ", make("code", {}, `load-sf explain ${said}`)));
      return;
    }
    const key = found[0].Key;
    life.append(make("h3", {}, make("code", {}, key)));
    for (const each of found) life.append(facts(each));
    for (const [name, title] of [["corrections", "Corrections"], ["rejects", "Refusals"]]) {
      const source = document.querySelector(`[data-table="${name}"] > script`);
      if (!source) continue;
      const listed = read(source);
      const at = listed.columns.find(c => c.label === "Key");
      const place = at.values.indexOf(key);
      if (place < 0) continue;
      life.append(make("h4", {}, title));
      for (let row = 0; row < listed.rows; row += 1) {
        if (at.cells[row] === place) life.append(facts(cells(listed, row)));
      }
    }
    life.append(make("p", {}, "All of it, in a terminal: ", make("code", {}, `load-sf explain ${key}`)));
  }
  function facts(said) {
    const list = make("dl", { class: "facts" });
    for (const [label, value] of Object.entries(said)) {
      if (label !== "Key" && value !== null && value !== "") list.append(make("dt", {}, label), make("dd", {}, String(value)));
    }
    return list;
  }
  lookup.hidden = false;
  sought.addEventListener("input", () => tell(sought.value.trim()));

  /* Tabs: anchors until here, WAI-ARIA tabs from here on. */
  const list = document.getElementById("tabs");
  const tabs = [...list.querySelectorAll("a")];
  const panels = tabs.map(tab => document.getElementById(tab.hash.slice(1)));
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", "Parts of this report");
  tabs.forEach((tab, n) => {
    tab.parentElement.setAttribute("role", "presentation");
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", panels[n].id);
    panels[n].setAttribute("role", "tabpanel");
    panels[n].setAttribute("aria-labelledby", tab.id);
    panels[n].tabIndex = 0;
    tab.addEventListener("click", event => { event.preventDefault(); go(tab.hash); });
    tab.addEventListener("keydown", event => {
      const to = { ArrowRight: n + 1, ArrowLeft: n - 1, Home: 0, End: tabs.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      const next = tabs[(to + tabs.length) % tabs.length];
      go(next.hash);
      next.focus();
    });
  });

  const drawn = new Set();
  function show(n) {
    tabs.forEach((tab, at) => {
      tab.setAttribute("aria-selected", String(at === n));
      tab.tabIndex = at === n ? 0 : -1;
      panels[at].hidden = at !== n;
    });
    if (!drawn.has(n)) {
      drawn.add(n);
      panels[n].querySelectorAll(".data").forEach(root => new DataTable(root));
    }
  }
  function follow() {
    const [name, key] = location.hash.slice(1).split("=");
    const n = panels.findIndex(panel => panel.id === name);
    // The skip link leads into whatever is shown.
    if (n < 0 && drawn.size) return;
    show(Math.max(n, 0));
    if (key) {
      sought.value = decodeURIComponent(key);
      tell(sought.value);
    }
  }
  function go(hash) {
    history.pushState(null, "", hash);
    follow();
  }
  addEventListener("hashchange", () => { follow(); scrollTo(0, 0); });
  addEventListener("popstate", follow);
  follow();
})();
