/** Passwords and keys in texts that are about to be shown. */

/** Takes the place of a secret. */
const HIDDEN = '[hidden]'

/**
 * A text without what can be told to be a secret: passwords in addresses (`amqp://user:secret@host`),
 * values of `authorization`, of `Bearer` and `Basic`, and of names such as `password` or `api_key`.
 */
export function withoutSecrets(text: string): string {
  if (!SUSPECT.test(text)) return text
  return text
    .replace(ADDRESS, `$1:${HIDDEN}@`)
    .replace(SCHEME, `$1 ${HIDDEN}`)
    .replace(ASSIGNED, `$1${HIDDEN}`)
}

const NAMES = 'authorization|password|passwd|pwd|secret|token|api[-_]?key|access[-_]?key'
const SUSPECT = new RegExp(`:\\/\\/[^/\\s]*@|bearer|basic|${NAMES}`, 'i')
const ADDRESS = /([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s@/]*@/gi
const SCHEME = /\b(bearer|basic)\s+[\w.~+/=-]+/gi
const ASSIGNED = new RegExp(
  `((?:${NAMES})["']?\\s*[=:]\\s*["']?)(?!bearer|basic|\\[)[^\\s"',;&]+`,
  'gi',
)
