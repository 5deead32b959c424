/** Compiled with `experimentalDecorators`, which calls decorators in a way that cannot work. */
import { CodedError, commandHandler } from 'amends'
import { CommandBookSchema } from 'amends/proto'

// The compiler of this world does not know the types of standard decorators.
const legacy = commandHandler({ domain: 'order', state: CommandBookSchema }) as unknown as (
  target: unknown,
) => void

try {
  @legacy
  class Order {}
  console.log(JSON.stringify({ made: Order.name }))
} catch (error) {
  if (!(error instanceof CodedError)) throw error
  console.log(JSON.stringify({ code: error.code, text: `${error.message} ${error.hint}` }))
}
