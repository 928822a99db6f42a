"""The project: settings, composition root, and the ground the apps stand on."""
