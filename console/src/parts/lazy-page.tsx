/**
 * A page that is loaded when it is opened. If it cannot be loaded, it says why in its place: the
 * shell stays, and a second try may succeed.
 */
import type { PermissionName } from '@usher/contract/roles';
import { type ComponentType, use, useReducer } from 'react';
import type { ApiProblem } from '../api/api-problem.ts';
import { loadProblem } from '../api/load-problem.ts';
import { FailedPage } from './failed-page.tsx';
import { Permitted } from './permitted.tsx';

type PageNames<Module> = {
  [Name in keyof Module]: Module[Name] extends ComponentType ? Name : never;
}[keyof Module];

/**
 * @param permission what a role needs to open the page; `undefined`: everybody may
 */
export function lazyPage<Module>(
  load: () => Promise<Module>,
  name: PageNames<Module>,
  permission: PermissionName | undefined,
) {
  let loading: Promise<void> | undefined;
  let Page: ComponentType | undefined;
  let problem: ApiProblem | undefined;
  const start = () => {
    loading ??= load().then(
      (module) => {
        Page = module[name] as ComponentType;
      },
      async (cause: unknown) => {
        problem = await loadProblem(cause);
      },
    );
    return loading;
  };
  function LazyPage() {
    if (permission === undefined) return <Loaded />;
    return (
      <Permitted permission={permission} what="page">
        <Loaded />
      </Permitted>
    );
  }
  function Loaded() {
    const [, drawAgain] = useReducer((count: number) => count + 1, 0);
    if (Page === undefined) use(start());
    if (Page !== undefined) return <Page />;
    const again = () => {
      loading = undefined;
      problem = undefined;
      drawAgain();
    };
    return <FailedPage error={problem} reset={again} />;
  }
  /** The router calls it when a link is pointed at, and when it is followed. */
  LazyPage.preload = () => {
    if (problem !== undefined) loading = undefined;
    problem = undefined;
    return start();
  };
  return LazyPage;
}
