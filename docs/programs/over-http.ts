import { computeRoot } from 'amends'
import { openCoordinator } from 'amends/coordinator'
import { serveCoordinator } from 'amends/server'
import { stock } from './inventory.ts'

await using coordinator = await openCoordinator({ ledger: 'shop.db', components: [stock] })
await using server = await serveCoordinator({
  coordinator,
  listen: '127.0.0.1:0',
  http: { listen: '127.0.0.1:0' },
  logger: () => undefined,
})
await server.ready

// The caller, with any HTTP client: roots are bytes, which are base64 in JSON.
const [url] = server.httpAddresses
const bytes = Buffer.from(computeRoot('inventory', 'chai').replaceAll('-', ''), 'hex')
const root = { value: bytes.toString('base64') }

type Book = { readonly pages: readonly { readonly event: object }[] }
type Answer = { readonly events: Book; readonly reason: string; readonly message: string }

async function send(sequence: number, type: string, fields: object): Promise<void> {
  const command = { '@type': `type.googleapis.com/inventory.${type}`, ...fields }
  const book = { cover: { root }, pages: [{ header: { sequence }, command }] }
  const response = await fetch(`${url}/v1/ch/inventory/commands`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-idempotency-key': `${type}-${sequence}` },
    body: JSON.stringify({ command: book }),
  })
  const answer = (await response.json()) as Answer
  if (response.ok) console.log(response.status, answer.events.pages[0]?.event)
  else console.log(response.status, answer.reason, answer.message)
}

await send(0, 'Receive', { quantity: 5 })
await send(1, 'Reserve', { orderId: 'A-1', quantity: 9 })

const query = new URLSearchParams({ 'cover.root.value': root.value, 'range.lower': '0' })
const found = await fetch(`${url}/v1/query/inventory/events?${query}`)
const { pages } = (await found.json()) as Book
console.log(JSON.stringify(pages[0]?.event))
