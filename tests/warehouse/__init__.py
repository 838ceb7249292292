"""Does the warehouse hold what the findings say, and can everyone read it?"""
