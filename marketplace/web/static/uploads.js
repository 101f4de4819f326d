// Sends files in pieces that may be cut off: asks how far each has come and goes on there. Without it the form sends one file.
const PIECE = 1024 * 1024;
const WAITS = [1000, 2000, 5000, 10000, 30000];

const box = document.querySelector("[data-uploads]");
const form = box?.querySelector("form");
const input = form?.querySelector("input[type=file]");
if (input) {
  const list = box.querySelector("[data-list]");
  const said = box.querySelector("[data-said]");
  const row = box.querySelector("template").content.firstElementChild;
  const words = box.dataset;
  const token = form.querySelector("input[name=_csrf_token]").value;
  const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
  const put = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const mib = (bytes) => (bytes / 1048576).toFixed(1);

  const ask = (method, url, headers, body, job) =>
    new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open(method, url);
      for (const [name, value] of Object.entries({ "Tus-Resumable": "1.0.0", "X-CSRFToken": token, ...headers })) {
        request.setRequestHeader(name, value);
      }
      if (body) request.upload.onprogress = (event) => job.show(job.offset + event.loaded);
      request.onload = () => resolve(request);
      request.onerror = request.ontimeout = () => reject(new Error("line"));
      request.onabort = () => reject(new Error("cancelled"));
      if (job) job.request = request;
      request.send(body ?? null);
    });

  // A pause ends when the line is back, when the visitor asks, or after a while.
  const pause = (job, tries) =>
    new Promise((resolve) => {
      job.say(navigator.onLine ? words.again : words.offline);
      const go = () => {
        clearTimeout(timer);
        removeEventListener("online", go);
        job.wake = null;
        resolve();
      };
      const timer = setTimeout(go, WAITS[Math.min(tries, WAITS.length - 1)]);
      addEventListener("online", go);
      job.wake = go;
    });

  class Job {
    constructor(file, kind) {
      Object.assign(this, { file, kind, url: "", offset: 0, shown: -1, over: false });
      this.row = row.cloneNode(true);
      this.row.querySelector("[data-name]").textContent = file.name;
      this.bar = this.row.querySelector("progress");
      this.bar.max = file.size || 1;
      this.bar.setAttribute("aria-label", file.name);
      this.row.querySelector("button").addEventListener("click", () => this.cancel());
      this.row.querySelector("[data-of]").textContent = file.name;
      list.append(this.row);
      this.say(words.queued);
    }

    say(text) {
      this.row.querySelector("[data-state]").textContent = text;
    }

    show(bytes) {
      this.bar.value = Math.min(bytes, this.file.size);
      const percent = Math.floor((this.bar.value * 100) / (this.file.size || 1));
      this.say(put(words.sending, { percent, done: mib(this.bar.value), all: mib(this.file.size) }));
      if (Math.floor(percent / 25) !== this.shown) {
        this.shown = Math.floor(percent / 25);
        said.textContent = put(words.spoken, { name: this.file.name, percent });
      }
    }

    async cancel() {
      this.over = true;
      this.request?.abort();
      this.wake?.();
      if (this.url) await ask("DELETE", this.url).catch(() => {});
      this.row.remove();
      said.textContent = put(words.cancelled, { name: this.file.name });
    }

    fail(request) {
      let text = words.failed;
      try {
        const problem = JSON.parse(request.responseText);
        text = problem.errors?.length ? problem.errors.map((one) => one.message).join(" ") : problem.detail || text;
      } catch {
        // not an answer of ours: the words of the page stand
      }
      this.over = true;
      this.say(text);
      this.row.querySelector("[data-state]").classList.add("govuk-error-message");
      said.textContent = `${this.file.name} ${text}`;
    }

    async begin() {
      const note = { filename: this.file.name, kind: this.kind, modified: String(this.file.lastModified) };
      const metadata = Object.entries(note).map(([name, value]) => `${name} ${base64(value)}`).join(",");
      const headers = { "Upload-Length": this.file.size, "Upload-Metadata": metadata };
      return ask("POST", words.uploads, headers, null, this);
    }

    async step() {
      const piece = this.file.slice(this.offset, this.offset + PIECE);
      const headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": this.offset };
      const answer = await ask("PATCH", this.url, headers, piece, this);
      const at = answer.getResponseHeader("Upload-Offset");
      if ((answer.status === 204 || answer.status === 409) && at !== null) {
        this.offset = Number(at);
      } else if (answer.status === 404) {
        this.url = "";
      } else if (answer.status === 429 || answer.status >= 502) {
        throw new Error("busy");
      } else {
        this.fail(answer);
      }
      this.whole = answer.status === 204 && this.offset === this.file.size;
    }

    async run() {
      for (let tries = 0; !this.over && !this.whole; ) {
        try {
          if (!this.url) {
            const answer = await this.begin();
            if (answer.status !== 201) {
              if (answer.status === 429 || answer.status >= 502) throw new Error("busy");
              this.fail(answer);
              return;
            }
            this.url = answer.getResponseHeader("Location");
            this.offset = Number(answer.getResponseHeader("Upload-Offset"));
            if (this.offset) said.textContent = put(words.resumed, { name: this.file.name, done: mib(this.offset) });
          }
          this.show(this.offset);
          await this.step();
          tries = 0;
        } catch {
          if (this.over) return;
          await pause(this, tries++);
          if (this.url && !this.over) {
            const asked = await ask("HEAD", this.url, {}, null, this).catch(() => null);
            if (asked?.status === 200) this.offset = Number(asked.getResponseHeader("Upload-Offset"));
            if (asked?.status === 404) this.url = "";
          }
        }
      }
    }
  }

  input.multiple = true;
  box.querySelector("[data-many]").hidden = false;
  form.addEventListener("submit", async (event) => {
    if (!input.files.length) return;
    event.preventDefault();
    const kind = form.querySelector("[name=kind]").value;
    const button = form.querySelector("button[type=submit]");
    const jobs = [...input.files].map((file) => new Job(file, kind));
    input.value = "";
    button.disabled = true;
    const warn = (leaving) => leaving.preventDefault();
    addEventListener("beforeunload", warn);
    for (const job of jobs) await job.run();
    removeEventListener("beforeunload", warn);
    button.disabled = false;
    if (jobs.every((job) => job.whole)) location.assign(words.then);
  });
}
