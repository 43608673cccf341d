# Everything that is needed to build. No package runs a script of its own when it is installed.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /tessera
COPY package.json package-lock.json ./
COPY server/package.json server/
COPY sdk/package.json sdk/
COPY web/package.json web/
RUN npm ci --ignore-scripts --omit=optional --include=dev --no-audit --no-fund
COPY tsconfig.base.json ./
COPY sdk sdk
COPY web web
RUN node node_modules/vite/bin/vite.js build web

# Only what the server needs at run time. The pinned Node.js of the lockfile is optional there: the image has its own.
FROM node:24.21.0-bookworm-slim AS packages
WORKDIR /tessera
COPY package.json package-lock.json ./
COPY server/package.json server/
COPY sdk/package.json sdk/
COPY web/package.json web/
RUN npm ci --ignore-scripts --omit=dev --omit=optional --workspace server --no-audit --no-fund

FROM node:24.21.0-bookworm-slim
LABEL org.opencontainers.image.title="Tessera" org.opencontainers.image.licenses="MIT"
WORKDIR /tessera
ENV HOST=0.0.0.0 PORT=8080 DATA_DIR=/data
COPY --from=packages /tessera ./
COPY docs/problems docs/problems
COPY server server
COPY --from=build /tessera/web/dist web/dist
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--max-semi-space-size=8", "server/src/main.ts"]
CMD ["serve"]
