import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/noto-sans-sc/wght.css';
import './styles/tokens.css';
import './styles/base.css';
import { mount } from 'svelte';
import Gateway from './gateway/Gateway.svelte';

const target = document.getElementById('app');
if (target) mount(Gateway, { target });
