import { get } from "../api";
import { usePolled } from "../poll";

/** To the log lines and to the trace of a request, where it is known at which address a browser reaches Seq; else what to search for. */
export function SeqLinks({ request, trace }: { request: string; trace?: string }) {
  const settings = usePolled(() => get<{ seqUrl?: string }>("/api/page"), 0, []);
  const searches = [{ name: "log lines", filter: `RequestId = '${request}'` }, ...(trace ? [{ name: "trace", filter: `@TraceId = '${trace}'` }] : [])];
  const url = settings.value?.seqUrl;
  return (
    <>
      {searches.map(({ name, filter }, index) => (
        <>{index > 0 && ", "}{url ? <a key={name} href={`${url}/#/events?filter=${encodeURIComponent(filter)}`} target="_blank" rel="noopener">{name}</a> : <code key={name}>{filter}</code>}</>
      ))}
    </>
  );
}
