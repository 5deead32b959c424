/** Every workflow of the examples, and the services that can be down in it. */
import { createTelemetry, reportOf, WorkflowContext } from 'amends/workflow'
import { dataSyncWorkflow } from './data-sync.ts'
import { onboardingWorkflow } from './onboarding.ts'
import { orderWorkflow, reliableOrderWorkflow } from './order.ts'
import { signUpWorkflow } from './sign-up.ts'
import { newWorld, type World } from './world.ts'

/** One workflow. */
export type Scenario = {
  readonly name: string
  /** In the order in which the steps call them. */
  readonly services: readonly string[]
  run(world: World, context: WorkflowContext): Promise<unknown>
}

const order = { productId: 'p-1', amount: 36 }

/** All of them. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'sign-up',
    services: ['user', 'email', 'subscription'],
    run: (world, context) => signUpWorkflow(world).execute({ email: 'ada@example.com' }, context),
  },
  {
    name: 'order',
    services: ['reservation', 'charge', 'shipment'],
    run: (world, context) => orderWorkflow(world).execute(order, context),
  },
  {
    name: 'onboarding',
    services: ['account', 'profile', 'verification'],
    run: (world, context) =>
      onboardingWorkflow(world).execute({ email: 'ada@example.com', name: 'Ada' }, context),
  },
  {
    name: 'data sync',
    services: ['primary', 'cache', 'index'],
    run: (world, context) => dataSyncWorkflow(world).execute({ record: 'r' }, context),
  },
  {
    name: 'order with retry and timeout',
    services: ['reservation', 'charge', 'shipment'],
    run: (world, context) => reliableOrderWorkflow(world).execute(order, context),
  },
]

/** Runs a workflow with one service down, or none; what happened, as lines to be printed. */
export async function played(scenario: Scenario, down?: string): Promise<readonly string[]> {
  const world = newWorld(down)
  const context = new WorkflowContext({
    correlationId: `${scenario.name} 1`,
    telemetry: createTelemetry({ log: 'none' }),
  })
  const title = `${scenario.name}, ${down === undefined ? 'all services up' : `${down} down`}`
  try {
    const result = await scenario.run(world, context)
    return [title, ...world.story, `completed: ${JSON.stringify(result)}`]
  } catch (error) {
    const { message } = error as Error // the services throw nothing else
    return [title, ...world.story, `${reportOf(error)?.status ?? ''}: ${message}`]
  }
}
