/**
 * Time left, by the server's clock: <time datetime="…" data-countdown="left|in|clock">. "clock" says "2:14:38", "left" says "2 h 14 min left",
 * "in" says "in 15 hours". Units are rounded down, the same way as on the server. Nothing is announced by itself.
 * <time data-clock="Europe/Amsterdam"> shows the hour.
 * @module countdown
 */
import { serverNow } from './page.js'

const lang = document.documentElement.lang || 'en'
const relative = new Intl.RelativeTimeFormat(lang, { numeric: 'always' })

/** @param {number} s seconds @returns {string} */
function left(s) {
  if (s <= 0) return 'Closed'
  if (s >= 172_800) return `${Math.floor(s / 86_400)} days left`
  const hours = Math.floor(s / 3600)
  const minutes = Math.floor(s / 60) % 60
  return hours ? `${hours} h ${minutes} min left` : `${minutes} min ${Math.floor(s) % 60} s left`
}

/** @param {number} s seconds @returns {string} */
function inWords(s) {
  if (s <= 0) return 'now'
  if (s >= 172_800) return relative.format(Math.floor(s / 86_400), 'day')
  if (s >= 3600) return relative.format(Math.floor(s / 3600), 'hour')
  return s >= 60 ? relative.format(Math.floor(s / 60), 'minute') : relative.format(Math.floor(s), 'second')
}

/** @param {number} s seconds @returns {string} */
function clock(s) {
  const all = Math.max(0, Math.floor(s))
  if (all >= 172_800) return `${Math.floor(all / 86_400)} d`
  const pad = n => String(n).padStart(2, '0')
  const hours = Math.floor(all / 3600)
  return hours ? `${hours}:${pad(Math.floor(all / 60) % 60)}:${pad(all % 60)}` : `${Math.floor(all / 60)}:${pad(all % 60)}`
}

/** @param {HTMLTimeElement} time */
function show(time) {
  const seconds = (Date.parse(time.dateTime) - serverNow()) / 1000
  const kind = time.dataset.countdown
  if (kind === 'left' && !lang.startsWith('en')) return
  const words = kind === 'clock' ? clock(seconds) : kind === 'left' ? left(seconds) : inWords(seconds)
  if (time.textContent !== words) time.textContent = words
}

/** @param {HTMLTimeElement} time the hour of the server in the zone that the page names */
function hour(time) {
  const words = new Date(serverNow()).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: time.dataset.clock })
  if (time.textContent !== words) time.textContent = words
}

let ticking = false

/** @param {ParentNode} _root */
export function enhance(_root) {
  if (ticking) return
  ticking = true
  const tick = () => {
    document.querySelectorAll('time[data-countdown]').forEach(time => show(/** @type {HTMLTimeElement} */ (time)))
    document.querySelectorAll('time[data-clock]').forEach(time => hour(/** @type {HTMLTimeElement} */ (time)))
  }
  tick()
  setInterval(tick, 1000)
}
