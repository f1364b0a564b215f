# Two stages: one builds the bundle and fetches the native modules, the other holds only what runs.
# Any image with Node 22.22 or newer and glibc will do as base.
ARG NODE_IMAGE=node:26-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# The image's own Node is used, so the one among the development dependencies need not unpack.
RUN npm ci --ignore-scripts
COPY scripts/build.ts scripts/
COPY src src
RUN node scripts/build.ts \
 && rm -r node_modules && npm ci --omit=dev --ignore-scripts \
 && mkdir data

FROM ${NODE_IMAGE}
LABEL org.opencontainers.image.title="millrace" \
      org.opencontainers.image.description="A durable, disk-backed log and queue server" \
      org.opencontainers.image.licenses="MIT"
# The container is the boundary here, so the server listens on all of its addresses.
ENV NODE_ENV=production MILLRACE_HOST=0.0.0.0 MILLRACE_HTTP_PORT=8082 MILLRACE_DATA_DIR=/data
COPY package.json LICENSE /app/
COPY --from=build /build/node_modules /app/node_modules
COPY --from=build /build/dist /app/dist
# A number, so that an orchestrator can see that it is not root. A new volume takes over the owner.
COPY --from=build --chown=10001:10001 /build/data /data
USER 10001:10001
VOLUME /data
EXPOSE 8082 9092
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.MILLRACE_HTTP_PORT}/health/ready`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Garbage is of requests, and dies young: twice 8 MiB hold it as well as V8's own larger choice does.
ENTRYPOINT ["node", "--max-semi-space-size=8", "/app/dist/main.js"]
CMD ["serve"]
