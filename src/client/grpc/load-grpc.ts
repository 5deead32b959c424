/**
 * `@grpc/grpc-js`, loaded when it is first needed: whoever uses no gRPC neither installs it nor pays
 * for it. Everything else names its types only.
 */
import type * as grpc from '@grpc/grpc-js'
import { codedError } from '../../errors.ts'

/** The library. */
export type Grpc = typeof grpc

let loading: Promise<Grpc> | undefined

/** Loads the library once. @throws CodedError `GRPC_NOT_INSTALLED` */
export async function loadGrpc(): Promise<Grpc> {
  loading ??= import('@grpc/grpc-js').catch((cause: unknown) => {
    loading = undefined
    throw codedError('GRPC_NOT_INSTALLED', { cause, hint: 'npm install @grpc/grpc-js' })
  })
  return await loading
}
