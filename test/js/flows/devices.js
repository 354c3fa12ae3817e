// Pools that remember devices, as an operator sets them up.

/** Devices that stand in for a second factor, remembered at once or when their users say so. */
export const remembering = (DeviceOnlyRememberedOnUserPrompt, options = {}) => ({
  ...options,
  pool: { ...options.pool, DeviceConfiguration: { ChallengeRequiredOnNewDevice: true, DeviceOnlyRememberedOnUserPrompt } },
});

/** The value of an attribute of a device. */
export const attribute = (device, name) => device.DeviceAttributes.find((x) => x.Name === name)?.Value;
