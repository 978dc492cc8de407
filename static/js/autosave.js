/**
 * Drafts save themselves: <form data-autosave="/drafts">. Says "Saved 14:02"; when the server cannot be reached the words
 * stay in this tab's storage and are offered again after a reload. The answer names the draft and its revision; if another
 * page has changed that draft meanwhile, these words become a draft of their own. With an empty address (an amendment, a
 * motion that is proposed already) the words are kept in this tab alone.
 * @module autosave
 */
import { fill, lang, post } from './page.js'

const PAUSE = 1500

/** One form with its draft. */
class Draft {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form
    this.url = form.dataset.autosave ?? ''
    this.said = form.querySelector('[data-saved]')
    /** @type {{saved?: string, kept?: string, apart?: string, back?: string}} */
    this.says = JSON.parse(this.said instanceof HTMLElement ? this.said.dataset.words ?? '{}' : '{}')
    this.timer = 0
    this.last = ''
    form.addEventListener('input', () => this.soon())
    form.addEventListener('submit', () => this.send())
    this.restore()
  }

  /** @returns {string} where this tab keeps the words */
  get key() {
    const draft = this.form.elements.namedItem('draft')
    return `draft:${draft instanceof HTMLInputElement && draft.value || location.pathname}`
  }

  /** The words stay in this tab until another page shows that they arrived (app.js): the log-in may have ended meanwhile. */
  send() {
    clearTimeout(this.timer)
    sessionStorage.setItem(this.key, JSON.stringify(this.entries()))
    sessionStorage.setItem('draft-sent', this.key)
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
    const words = JSON.stringify(entries.filter(([name]) => name !== 'draft' && name !== 'revision'))
    if (words === this.last) return
    if (!this.url) {
      this.last = words
      sessionStorage.setItem(this.key, now)
      return this.say(this.says.tab)
    }
    const data = new FormData()
    entries.forEach(([name, value]) => data.append(name, value))
    try {
      const answer = await post(this.url, data)
      if (!answer.ok) throw new Error(String(answer.status))
      const kept = await answer.json()
      sessionStorage.removeItem(this.key)
      this.name(kept)
      this.last = words
      if (kept.apart) return this.say(this.says.apart)
      this.say(fill(this.says.saved, { time: new Date().toLocaleTimeString(lang, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }) }))
    } catch {
      sessionStorage.setItem(this.key, now)
      this.say(this.says.kept, true)
      this.timer = setTimeout(() => this.save(), 10_000)
    }
  }

  /** @param {{draft: string, revision: number, url: string}} kept the draft that holds these words, also after a reload */
  name(kept) {
    for (const [name, value] of Object.entries({ draft: kept.draft, revision: String(kept.revision) })) {
      const field = this.form.elements.namedItem(name)
      if (field instanceof HTMLInputElement) field.value = value
    }
    history.replaceState(history.state, '', kept.url)
  }

  restore() {
    const kept = sessionStorage.getItem(this.key)
    if (!kept || kept === JSON.stringify(this.entries())) return sessionStorage.removeItem(this.key)
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
