"""The version of trialbridge, in one place; read without importing anything."""

VERSION = "0.1.0"
