// The same as redis-all-forms.js, by import.
import Redis from 'ioredis';
import forms from './redis-all-forms.js';

await forms.run(Redis);
