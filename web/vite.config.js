import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

const centre = process.env.GH_URL ?? 'http://127.0.0.1:8080';
const proxied = { target: centre, ws: true };

export default defineConfig({
  plugins: [svelte()],
  base: '/',
  resolve: process.env.VITEST ? { conditions: ['browser'] } : {},
  worker: { format: 'es' },
  server: { proxy: { '/api': proxied, '/healthz': proxied, '/metrics': proxied } },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
    rollupOptions: { input: { index: 'index.html', gateway: 'gateway.html' } },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
