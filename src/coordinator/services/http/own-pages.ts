/** What an HTTP server answers by itself: whether it lives, whether it takes calls, what it counts. Pure. */
import { codedError } from '../../../errors.ts'

/** A page. */
export type OwnPage = 'health' | 'ready' | 'metrics'

const PAGES: ReadonlyMap<string, OwnPage> = new Map([
  ['/health', 'health'],
  ['/healthz', 'health'],
  ['/readyz', 'ready'],
  ['/metrics', 'metrics'],
])

/** The page of a request, if it asks for one. @throws CodedError `PATH_METHOD_UNSUPPORTED` */
export function ownPage(asked: {
  readonly verb: string
  readonly path: string
}): OwnPage | undefined {
  const page = PAGES.get(asked.path)
  if (page === undefined || asked.verb === 'GET' || asked.verb === 'HEAD') return page
  const details = { method: asked.verb, path: asked.path, allow: 'GET, HEAD' }
  throw codedError('PATH_METHOD_UNSUPPORTED', { details })
}
