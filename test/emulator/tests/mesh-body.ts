/** A create body as short as the API takes it. */
export function meshBody(name: string, spec: Record<string, unknown> = {}) {
  return {
    apiVersion: "v1",
    kind: "Mesh",
    metadata: { name },
    spec: {
      type: "InCluster",
      version: "1.18.7-r5",
      extendParams: {
        clusters: [
          {
            clusterID: "11111111-2222-3333-4444-555555555555",
            installation: {
              nodes: {
                fieldSelector: {
                  key: "UID",
                  operator: "In",
                  values: ["66666666-7777-8888-9999-000000000000"],
                },
              },
            },
          },
        ],
      },
      ...spec,
    },
  };
}
