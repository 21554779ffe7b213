/** What the open routes about the server itself answer. */
import Type from 'typebox';

export const liveSchema = Type.Object({ status: Type.Literal('live') }, { $id: 'Live' });
export const readySchema = Type.Object({ status: Type.Literal('ready') }, { $id: 'Ready' });
