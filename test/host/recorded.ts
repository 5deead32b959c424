/** A coordinator behind gRPC that remembers what it was asked. */
import { RecordingTransport } from '../../src/client/recording-transport.test.support.ts'
import type { StartServerOptions } from '../../src/host/start-server.ts'
import { coordinatorServices } from './served-coordinator.ts'
import { serve, type Served } from './serving.ts'

/** Serves one. */
export async function recording(
  options: StartServerOptions = {},
): Promise<Served & { readonly asked: RecordingTransport }> {
  const asked = new RecordingTransport()
  return { ...(await serve(coordinatorServices(asked), options)), asked }
}
