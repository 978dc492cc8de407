/**
 * What the page tells its scripts: the CSRF token, the server's clock, the language.
 * @module page
 */

/** @param {string} name @returns {string} content of a <meta>, or "" */
const meta = name => document.querySelector(`meta[name="${name}"]`)?.getAttribute('content') ?? ''

export const lang = document.documentElement.lang || 'en'

/**
 * A sentence of the page with its places filled: fill('Move {name} up', {name: 'Ada'}).
 * @param {string} words @param {Record<string, string | number>} [values]
 */
export const fill = (words, values = {}) => words.replace(/\{(\w+)\}/g, (whole, key) => String(values[key] ?? whole))

/** @returns {string} */
export const csrf = () => meta('csrf-token')

/** Milliseconds that the server's clock is ahead of this device's, as seen when the page arrived. */
const offset = (() => {
  const said = Date.parse(meta('server-time'))
  if (Number.isNaN(said)) return 0
  const arrived = performance.timeOrigin + (performance.getEntriesByType('navigation')[0]?.responseStart ?? 0)
  return said - arrived
})()

/** @returns {number} the server's time now, in milliseconds */
export const serverNow = () => Date.now() + offset

/** @param {number} ms @param {number} [share] @returns {number} ms, a little more or less, so that a hall of phones does not ask at once */
export const jitter = (ms, share = 0.3) => ms * (1 - share + Math.random() * 2 * share)

/**
 * POST a form in the background.
 * @param {string} url @param {FormData} data @returns {Promise<Response>}
 */
export function post(url, data) {
  return fetch(url, {
    method: 'POST', body: data, credentials: 'same-origin',
    headers: { 'X-CSRF-Token': csrf(), 'X-Requested-With': 'fetch' },
  })
}

/**
 * Whether somebody is at work in an element, so that nothing may change under their hands.
 * @param {Element} element
 */
export function busy(element) {
  const form = element.closest('form')
  if (form && 'dirty' in form.dataset) return true
  if (element.querySelector('form[data-dirty]')) return true
  const active = document.activeElement
  return Boolean(active && active !== document.body && (element.contains(active) || form?.contains(active)))
}

const policy = window.trustedTypes?.createPolicy('deliberate', { createHTML: text => text })

/**
 * HTML that this server has rendered, for the few places that parse it. Never give it what a person typed.
 * @param {string} text
 */
export const html = text => policy ? policy.createHTML(text) : text
