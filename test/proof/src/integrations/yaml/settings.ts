// The settings of the yaml integration.
import { flag, type SettingsTable } from '../../config/setting.js';

export const yamlSettings = {
  requireParent: flag({ env: 'SIETCH_OTEL_YAML_REQUIRE_PARENT', default: true, meaning: 'Spans for documents only inside another span.' }),
} satisfies SettingsTable;
