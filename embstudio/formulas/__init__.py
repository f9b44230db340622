"""The maths, readable in one sitting. The independent reference that tests hold models against."""
