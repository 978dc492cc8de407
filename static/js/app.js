/**
 * Entry. Every page works without this file; it only makes better what the page says it has (data attributes).
 * Parts of the script are loaded when a page needs them.
 * @module app
 */

/** @type {[string, () => Promise<{enhance: (root: ParentNode) => void}>][]} */
const PARTS = [
  ['[data-ranker]', () => import('./ballot.js')],
  ['[data-live-url]', () => import('./live.js')],
  ['form[data-autosave]', () => import('./autosave.js')],
  ['[data-copy]', () => import('./copy.js')],
  ['time[data-countdown], time[data-clock]', () => import('./countdown.js')],
  ['[data-progress]', () => import('./progress.js')],
  ['form[data-livediff]', () => import('./livediff.js')],
]

/**
 * Enhance what stands in a part of the page; called again for every fragment that arrives later. The parts load side by side,
 * and one that cannot be loaded leaves the others be.
 * @param {ParentNode} root
 */
function enhance(root) {
  small(root)
  for (const [selector, load] of PARTS) {
    if (root.querySelector(selector)) load().then(part => part.enhance(root))
  }
}

/** @param {ParentNode} root the things too small for a module of their own */
function small(root) {
  const errors = root.querySelector('[data-focus]')
  if (errors instanceof HTMLElement) errors.focus({ preventScroll: false })
  for (const input of root.querySelectorAll('input[data-submit]')) {
    // A pointer chooses and goes; the keyboard moves between the choices and goes with Enter.
    input.addEventListener('click', event => {
      if (event instanceof MouseEvent && event.detail > 0 && input instanceof HTMLInputElement) input.form?.requestSubmit()
    })
  }
  for (const zone of root.querySelectorAll('[data-dropzone]')) {
    for (const name of ['dragenter', 'dragover']) zone.addEventListener(name, () => zone.classList.add('over'))
    for (const name of ['dragleave', 'drop']) zone.addEventListener(name, () => zone.classList.remove('over'))
  }
  for (const button of root.querySelectorAll('[data-print]')) {
    button.removeAttribute('hidden') // without script it would do nothing
    button.addEventListener('click', () => window.print())
  }
}

/** Words that a form kept in this tab when it was sent: forgotten once a page shows that they arrived, taken or with mistakes. */
function arrived() {
  const sent = sessionStorage.getItem('draft-sent')
  sessionStorage.removeItem('draft-sent')
  const form = document.querySelector('form[data-autosave]')
  if (sent && !document.querySelector('.trouble') && (!form || document.querySelector('.errors'))) sessionStorage.removeItem(sent)
}
try { arrived() } catch { /* a browser that keeps nothing */ }

document.addEventListener('input', event => {
  const form = event.target instanceof Element && event.target.closest('form')
  if (form) form.dataset.dirty = ''
})
document.addEventListener('submit', event => {
  const form = event.target
  if (!(form instanceof HTMLFormElement)) return
  delete form.dataset.dirty
  // A second press within five seconds is the same wish; the server would answer it the same way.
  if (form.dataset.sent) return event.preventDefault()
  if (form.method === 'post') {
    form.dataset.sent = '1'
    setTimeout(() => delete form.dataset.sent, 5000)
  }
})
window.addEventListener('pageshow', () => document.querySelectorAll('form[data-sent]').forEach(form => form.removeAttribute('data-sent')))
document.addEventListener('arrived', event => { if (event.target instanceof Element) enhance(event.target) })

enhance(document)
