/** What this page uses of the renderer, which its script leaves in the global `Scalar`. */
export type Scalar = {
  createApiReference(selector: string, configuration: object): { app: object }
}

type EventBus = { emit(event: 'ui:open:client-modal', payload: OpenRequest): void }

/** A request to show in the renderer's client, with the body of one of its examples. */
export type OpenRequest = { method: string; path: string; exampleName: string }

/**
 * Opens the renderer's client. It has no public way to do that with an example of choice, so this
 * takes the event bus that its root component exposes; the version is pinned and a test clicks.
 */
export function openClient({ app }: { app: object }, request: OpenRequest): void {
  const { _container } = app as { _container: { _vnode: { component: { subTree: SubTree } } } }
  const { exposed } = _container._vnode.component.subTree.component
  exposed.eventBus.emit('ui:open:client-modal', request)
}

type SubTree = { component: { exposed: { eventBus: EventBus } } }
