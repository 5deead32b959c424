/**
 * The HTTP routes of services, as the options of their methods say (`google.api.http`): one table,
 * made of the very functions that are served over gRPC.
 */
import { type DescMethod, getOption, hasOption } from '@bufbuild/protobuf'
import { codedError } from '../../../errors.ts'
import type { GrpcService } from '../../../host/grpc-service.ts'
import { http } from '../../../proto/google/api/annotations_pb.ts'
import type { HttpRule } from '../../../proto/google/api/http_pb.ts'
import { matchPath, type PathTemplate, pathTemplate, type PathVariable } from './path-template.ts'

/** A route. */
export type HttpRoute = {
  /** In capitals. */
  readonly verb: string
  readonly template: PathTemplate
  readonly method: DescMethod
  /** The request field that the body is; `*` is the whole request, '' is no body. */
  readonly body: string
  /** The function of the service; `undefined` for a method that nobody serves. */
  readonly run: ((...args: never) => unknown) | undefined
}

/** A route and what the path says of its request. */
export type MatchedRoute = {
  readonly route: HttpRoute
  readonly variables: readonly PathVariable[]
}

/** @throws CodedError `CONFIGURATION_INVALID` for a rule that cannot be served, and for two alike */
export function httpRoutes(services: readonly GrpcService[]): readonly HttpRoute[] {
  const routes = services.flatMap((service) =>
    service.schema.methods.flatMap((method) => routesOf(service, method)),
  )
  routes.sort((one, other) => other.template.literals - one.template.literals)
  const taken = new Set<string>()
  for (const { verb, template, method } of routes) {
    const shape = `${verb} ${template.text.replaceAll(/\{[^}]*\}/g, '{}')}`
    if (taken.has(shape)) throw invalidRule(method, `Another method has the route ${shape}.`)
    taken.add(shape)
  }
  return routes
}

/**
 * The route of a request.
 *
 * @throws CodedError `PATH_UNKNOWN`; `PATH_METHOD_UNSUPPORTED`, with the verbs it has as `allow`;
 *   `REQUEST_UNDECODABLE` for a path with broken escapes
 */
export function findRoute(
  routes: readonly HttpRoute[],
  asked: { readonly verb: string; readonly path: string },
): MatchedRoute {
  const segments = asked.path.slice(1).split('/').map(unescaped)
  const verbs = new Set<string>()
  for (const route of routes) {
    const variables = matchPath(route.template, segments)
    if (variables === undefined) continue
    if (route.verb === asked.verb) return { route, variables }
    verbs.add(route.verb)
  }
  const details = { method: asked.verb, path: asked.path }
  if (verbs.size === 0) throw codedError('PATH_UNKNOWN', { details })
  const allow = [...verbs].join(', ')
  throw codedError('PATH_METHOD_UNSUPPORTED', { details: { ...details, allow } })
}

function unescaped(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch (cause) {
    const details = { field: 'path', cause: 'the escapes of the path are broken' }
    throw codedError('REQUEST_UNDECODABLE', { details, cause })
  }
}

function routesOf(service: GrpcService, method: DescMethod): readonly HttpRoute[] {
  if (!hasOption(method, http)) return []
  const rule = getOption(method, http)
  return [rule, ...rule.additionalBindings].map((one) => routeOf(service, method, one))
}

function routeOf(service: GrpcService, method: DescMethod, rule: HttpRule): HttpRoute {
  const { pattern, body } = rule
  if (pattern.case === undefined) throw invalidRule(method, 'It names no path.')
  if (rule.responseBody !== '') throw invalidRule(method, 'A part of an answer is not served.')
  if (method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming') {
    throw invalidRule(method, 'A method that takes a stream has no route.')
  }
  const [verb, path] =
    pattern.case === 'custom'
      ? [pattern.value.kind.toUpperCase(), pattern.value.path]
      : [pattern.case.toUpperCase(), pattern.value]
  const run = service.functions[method.localName]
  return { verb, template: pathTemplate(path), method, body, run }
}

function invalidRule(method: DescMethod, hint: string): Error {
  const details = { method: `${method.parent.typeName}/${method.name}` }
  return codedError('CONFIGURATION_INVALID', { details, hint })
}
