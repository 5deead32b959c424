/** Ports of the loopback interface that nobody listens on. */
import { createServer, type AddressInfo } from 'node:net'

/** Finds so many free ports. Somebody else may take one before it is used; that is unlikely. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports: number[] = []
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    // A listening TCP server has such an address.
    ports.push((server.address() as AddressInfo).port)
  }
  for (const server of servers) await new Promise((resolve) => server.close(resolve))
  return ports
}
