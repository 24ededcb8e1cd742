import { mergeConfig } from 'vitest/config';
import usual from '../../test/vitest.config.ts';

export default mergeConfig(usual, {
  test: {
    exclude: [
      // The SDK 3.x takes null, objects and mixed lists as attributes, which ours leave out as the 2.x does.
      'test/sdk/trace/{recorded-span,unusual-calls}.test.ts',
      // It imports the manifest of a package, which the SDK 3.x does not export.
      'test/sdk/resource/telemetry-sdk.test.ts',
    ],
  },
});
