/**
 * Drafts save themselves: <form data-autosave="/drafts/7">. Says "Saved 14:02"; when the server cannot be reached the words
 * stay in this tab's storage and are offered again after a reload.
 * @module autosave
 */
import { post } from './page.js'

const PAUSE = 1500

/** One form with its draft. */
class Draft {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form
    this.url = form.dataset.autosave ?? ''
    this.key = `draft:${location.pathname}:${this.url}`
    this.said = form.querySelector('[data-saved]')
    /** @type {{saved?: string, kept?: string, back?: string}} */
    this.says = JSON.parse(this.said instanceof HTMLElement ? this.said.dataset.words ?? '{}' : '{}')
    this.timer = 0
    this.last = ''
    form.addEventListener('input', () => this.soon())
    form.addEventListener('submit', () => { clearTimeout(this.timer); sessionStorage.removeItem(this.key) })
    this.restore()
  }

  soon() {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.save(), PAUSE)
  }

  /** @returns {[string, string][]} what was typed; files and the token are not drafts */
  entries() {
    return /** @type {[string, string][]} */ ([...new FormData(this.form)].filter(([name, value]) => typeof value === 'string' && name !== 'csrf_token'))
  }

  async save() {
    const entries = this.entries()
    const now = JSON.stringify(entries)
    if (now === this.last) return
    const data = new FormData()
    entries.forEach(([name, value]) => data.append(name, value))
    try {
      const answer = await post(this.url, data)
      if (!answer.ok) throw new Error(String(answer.status))
      this.last = now
      sessionStorage.removeItem(this.key)
      this.say(`${this.says.saved} ${new Date().toLocaleTimeString(document.documentElement.lang || 'en', { hour: '2-digit', minute: '2-digit', hour12: false })}`)
    } catch {
      sessionStorage.setItem(this.key, now)
      this.say(this.says.kept, true)
      this.timer = setTimeout(() => this.save(), 10_000)
    }
  }

  restore() {
    const kept = sessionStorage.getItem(this.key)
    if (!kept) return
    for (const [name, value] of /** @type {[string, string][]} */ (JSON.parse(kept))) {
      const field = this.form.elements.namedItem(name)
      if (field instanceof HTMLTextAreaElement || field instanceof HTMLSelectElement || (field instanceof HTMLInputElement && field.type !== 'checkbox')) field.value = value
    }
    this.say(this.says.back, true)
    this.soon()
  }

  /** @param {string | undefined} words @param {boolean} [lost] */
  say(words, lost = false) {
    if (!this.said) return
    this.said.textContent = words ?? ''
    this.said.classList.toggle('lost', lost)
  }
}

/** @param {ParentNode} root */
export function enhance(root) {
  for (const form of root.querySelectorAll('form[data-autosave]')) {
    if (form instanceof HTMLFormElement && !form.dataset.drafting) {
      form.dataset.drafting = '1'
      new Draft(form)
    }
  }
}
