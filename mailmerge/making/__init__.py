"""From chosen pupils to finished files: plan, issue, press, prove, put in place."""
