/**
 * The ranked ballot as a list to move. The <select>s stay the ballot: this script only sets them and shows the order.
 * By button, by dragging, by keyboard (Space lifts, arrows move, Space drops, Escape puts back; a number sets the rank).
 * Every move is said in the status line and can be undone.
 * @module ballot
 */
import { fill, html as trusted } from './page.js'

const ICON = {
  up: 'M12 19V5M6 11l6-6 6 6', down: 'M12 5v14M6 13l6 6 6-6', drop: 'M6 6l12 12M18 6L6 18',
}

/** @param {string} html @returns {HTMLElement} */
function element(html) {
  const box = document.createElement('template')
  box.innerHTML = trusted(html)
  return /** @type {HTMLElement} */ (box.content.firstElementChild)
}

/** One option: its row, its <select>, its name. */
class Option {
  /** @param {HTMLLIElement} row @param {Record<string, string>} says the sentences, in the language of the page */
  constructor(row, says) {
    this.row = row
    this.says = says
    this.select = /** @type {HTMLSelectElement} */ (row.querySelector('select'))
    const who = /** @type {HTMLElement} */ (row.querySelector('.who'))
    this.name = who.querySelector('b')?.textContent ?? ''
    this.said = element('<span class="said"></span>')
    who.querySelector('b')?.prepend(this.said)
    this.place = element('<span class="place" aria-hidden="true"></span>')
    this.grip = element('<span class="grip" aria-hidden="true"><svg viewBox="0 0 12 20" fill="currentColor"><circle cx="3" cy="3" r="1.6"/><circle cx="9" cy="3" r="1.6"/><circle cx="3" cy="10" r="1.6"/><circle cx="9" cy="10" r="1.6"/><circle cx="3" cy="17" r="1.6"/><circle cx="9" cy="17" r="1.6"/></svg></span>')
    this.acts = element('<span class="acts"></span>')
    this.up = this.icon('up', fill(says.up, this))
    this.down = this.icon('down', fill(says.down, this))
    this.drop = this.icon('drop', fill(says.drop, this))
    this.add = /** @type {HTMLButtonElement} */ (element('<button class="btn" type="button"></button>'))
    this.select.hidden = true
    row.tabIndex = 0
    row.prepend(this.grip, this.place)
    row.append(this.acts)
  }

  /** @param {keyof typeof ICON} kind @param {string} label @returns {HTMLButtonElement} */
  icon(kind, label) {
    const button = /** @type {HTMLButtonElement} */ (element(`<button class="icon ${kind}" type="button"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICON[kind]}"/></svg></button>`))
    button.setAttribute('aria-label', label)
    return button
  }

  /** @param {number} place @returns {string} "1st", in the words of the ballot itself */
  words(place) { return this.select.options[place]?.textContent ?? String(place) }

  /** @param {number} place 0 for not ranked @param {number} ranked how many are */
  show(place, ranked) {
    this.select.value = place ? String(place) : ''
    this.row.classList.toggle('off', !place)
    this.place.textContent = place ? String(place) : '–'
    this.said.textContent = place ? fill(this.says.ranked, { place: this.words(place) }) : this.says.unranked
    this.up.disabled = place === 1
    this.down.disabled = place === ranked
    const next = { name: this.name, place: this.words(ranked + 1) }
    this.add.textContent = fill(this.says.rank, next)
    this.add.setAttribute('aria-label', fill(this.says.rankName, next))
    const wanted = place ? [this.up, this.down, this.drop] : [this.add]
    if (this.acts.firstChild !== wanted[0]) this.acts.replaceChildren(...wanted)
  }
}

/** The whole ballot. */
export class Ballot {
  /** @param {HTMLElement} list the list of rows, [data-ranker] */
  constructor(list) {
    if (!list.closest('form')) throw new TypeError('Ballot: the list of options must stand in its form')
    this.list = list
    /** @type {Record<string, string>} */ this.says = JSON.parse(list.dataset.words ?? '{}')
    this.options = [...list.children].map(row => new Option(/** @type {HTMLLIElement} */ (row), this.says))
    this.line = element('<li class="line"><b></b><span></span></li>')
    this.line.firstElementChild.textContent = this.says.line
    this.status = /** @type {HTMLElement} */ (list.parentElement?.querySelector('[data-ranker-said]') ?? element('<p class="live" role="status"></p>'))
    this.status.hidden = false
    this.undoButton = /** @type {HTMLButtonElement} */ (element('<button class="btn plain" type="button" hidden></button>'))
    this.undoButton.textContent = this.says.undo
    this.status.after(this.undoButton)
    this.undoButton.addEventListener('click', () => this.undo())
    /** @type {Option[][]} */ this.past = []
    /** @type {{option: Option, from: Option[]} | null} */ this.lifted = null
    this.ranked = this.options.filter(o => o.select.value).sort((a, b) => Number(a.select.value) - Number(b.select.value))
    list.classList.remove('plain')
    const help = list.parentElement?.querySelector('[data-ranker-help]')
    if (help instanceof HTMLElement) {
      help.hidden = false
      document.getElementById(list.getAttribute('aria-describedby') ?? '')?.setAttribute('hidden', '')
      list.setAttribute('aria-describedby', help.id)
    }
    list.addEventListener('click', event => this.click(event))
    list.addEventListener('keydown', event => this.key(event))
    list.addEventListener('pointerdown', event => this.drag(event))
    this.show()
    this.say('')
  }

  /** @returns {Option[]} those without a rank, in ballot order */
  get rest() { return this.options.filter(o => !this.ranked.includes(o)) }

  /** Put the rows in order and the numbers into the selects. @param {Option} [keep] a row that must not leave the page */
  show(keep) {
    this.ranked.forEach((option, index) => option.show(index + 1, this.ranked.length))
    this.rest.forEach(option => option.show(0, this.ranked.length))
    this.line.lastElementChild.textContent = fill(this.says.below, { place: this.rest.length, all: this.options.length })
    const rows = [...this.ranked.map(o => o.row), this.line, ...this.rest.map(o => o.row)]
    const pivot = keep ? rows.indexOf(keep.row) : -1
    if (pivot < 0) { this.list.append(...rows); return }
    rows.slice(0, pivot).forEach(row => keep.row.before(row))
    rows.slice(pivot + 1).reverse().forEach(row => keep.row.after(row))
  }

  /** @param {string} words */
  say(words) {
    const left = this.rest.map(o => o.name).join(', ')
    const count = this.ranked.length === this.options.length ? this.says.all : this.ranked.length ? fill(this.says.left, { name: left }) : this.says.none
    this.status.textContent = `${words} ${count}`.trim()
  }

  /**
   * Move an option to a place (1 is first, 0 is not ranked), say it, keep the way back.
   * @param {Option} option @param {number} place
   */
  rank(option, place) {
    const before = [...this.ranked]
    this.arrange(option, place)
    if (before.length === this.ranked.length && before.every((o, i) => o === this.ranked[i])) return
    this.past.push(before)
    this.changed(option)
  }

  /** @param {Option} option @param {number} place without saying it */
  arrange(option, place) {
    this.ranked = this.ranked.filter(o => o !== option)
    if (place) this.ranked.splice(Math.min(place, this.ranked.length + 1) - 1, 0, option)
    this.show(option)
  }

  /** @param {Option} option @param {number} at */
  place(option, at) { return { name: option.name, place: option.words(at), all: this.ranked.length } }

  /** @param {Option} option */
  changed(option) {
    const at = this.ranked.indexOf(option) + 1
    this.say(fill(at ? this.says.now : this.says.gone, this.place(option, at)))
    this.undoButton.hidden = false
    option.select.dispatchEvent(new Event('input', { bubbles: true }))
  }

  undo() {
    const before = this.past.pop()
    if (!before) return
    this.ranked = before
    this.show()
    this.say(this.says.undone)
    this.undoButton.hidden = this.past.length === 0
    if (this.undoButton.hidden) this.list.querySelector('li')?.focus()
    this.options[0].select.dispatchEvent(new Event('input', { bubbles: true }))
  }

  /** @param {Event} event @returns {Option | undefined} */
  at(event) {
    const row = event.target instanceof Element ? event.target.closest('li') : null
    return this.options.find(o => o.row === row)
  }

  /** @param {MouseEvent} event */
  click(event) {
    const option = this.at(event)
    const button = event.target instanceof Element ? event.target.closest('button') : null
    if (!option || !button) return
    const place = this.ranked.indexOf(option) + 1
    const to = { up: place - 1, down: place + 1, drop: 0 }[button.classList[1]] ?? this.ranked.length + 1
    this.rank(option, to)
    // The button may have gone or be off now: the focus stays in the row.
    const next = button.isConnected && !button.disabled ? button : [option.up, option.down, option.add].find(b => b.isConnected && !b.disabled)
    ;(next ?? option.row).focus()
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const option = this.at(event)
    if (!option || event.target !== option.row || event.altKey || event.ctrlKey || event.metaKey) return
    const place = this.ranked.indexOf(option) + 1
    if (/^[0-9]$/.test(event.key)) this.rank(option, Math.min(Number(event.key), this.options.length))
    else if (event.key === ' ') this.lift(option)
    else if (event.key === 'Escape' && this.lifted) this.putBack()
    else if (this.lifted?.option === option && event.key === 'ArrowUp') this.arrange(option, place ? Math.max(1, place - 1) : this.ranked.length + 1)
    else if (this.lifted?.option === option && event.key === 'ArrowDown') this.arrange(option, place && place < this.ranked.length ? place + 1 : 0)
    else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') this.step(option, event.key === 'ArrowUp' ? -1 : 1)
    else return
    event.preventDefault()
    if (this.lifted && event.key.startsWith('Arrow')) {
      const now = this.ranked.indexOf(option) + 1
      this.status.textContent = fill(now ? this.says.at : this.says.off, this.place(option, now))
    }
    if (!event.key.startsWith('Arrow') || this.lifted) option.row.focus()
  }

  /** Move the focus to the next row. @param {Option} option @param {number} by */
  step(option, by) {
    const rows = [...this.ranked, ...this.rest]
    rows[rows.indexOf(option) + by]?.row.focus()
  }

  /** @param {Option} option lift it, or drop it where it is */
  lift(option) {
    if (this.lifted) {
      const { option: held, from } = this.lifted
      this.lifted = null
      held.row.classList.remove('lifted')
      this.past.push(from)
      this.changed(held)
      if (held === option) return
    }
    this.lifted = { option, from: [...this.ranked] }
    option.row.classList.add('lifted')
    this.status.textContent = fill(this.says.lifted, option)
  }

  putBack() {
    if (!this.lifted) return
    this.lifted.option.row.classList.remove('lifted')
    this.ranked = this.lifted.from
    this.show(this.lifted.option)
    this.lifted = null
    this.say(this.says.back)
  }

  /** @param {PointerEvent} event drag by the grip */
  drag(event) {
    const option = this.at(event)
    if (!option || event.button !== 0 || !(event.target instanceof Element) || !event.target.closest('.grip')) return
    event.preventDefault()
    const from = [...this.ranked]
    option.row.classList.add('lifted')
    option.grip.setPointerCapture(event.pointerId)
    const move = (/** @type {PointerEvent} */ at) => {
      const above = [...this.list.children].filter(row => row !== option.row && middle(row) < at.clientY)
      const place = above.includes(this.line) ? 0 : above.length + 1
      if (place !== this.ranked.indexOf(option) + 1) this.arrange(option, place)
    }
    const end = () => {
      option.grip.removeEventListener('pointermove', move)
      option.row.classList.remove('lifted')
      if (from.length !== this.ranked.length || from.some((o, i) => o !== this.ranked[i])) {
        this.past.push(from)
        this.changed(option)
      }
    }
    option.grip.addEventListener('pointermove', move)
    option.grip.addEventListener('lostpointercapture', end, { once: true })
  }
}

/** @param {Element} row @returns {number} */
function middle(row) {
  const box = row.getBoundingClientRect()
  return box.top + box.height / 2
}

/** @param {ParentNode} root */
export function enhance(root) {
  for (const list of root.querySelectorAll('[data-ranker]')) {
    if (list instanceof HTMLElement && !list.dataset.ready) {
      list.dataset.ready = '1'
      new Ballot(list)
    }
  }
}
