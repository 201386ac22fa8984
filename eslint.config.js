import tseslint from "typescript-eslint";

/** Only what needs types and biome does not see whole: promises that nobody waits for, switches that leave cases out. */
export default [
  { ignores: ["dist", "test/golden", "**/*.as.ts"] },
  {
    files: ["{cli,generators,runtime,test,benchmarks}/**/*.ts"],
    languageOptions: { parser: tseslint.parser, parserOptions: { projectService: true } },
    plugins: { "@typescript-eslint": tseslint.plugin },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
    },
  },
];
